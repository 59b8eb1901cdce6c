using System.Diagnostics;
using System.Text.Json;
using Backfill.Sandbox.Lifetime;

namespace Backfill.Sandbox.Postgres;

/// <summary>The two questions put to npm. It checks what it fetches against the registry's digest.</summary>
internal static class Npm
{
    /// <summary>The exact version for a version, a major number or a tag; null if there is none.</summary>
    public static async Task<string?> ResolveAsync(string package, string wanted)
    {
        if (int.TryParse(wanted, out _))
        {
            // All versions are pre-releases to npm, and a range does not match those.
            var all = await RunAsync("view", package, "versions", "--json").ConfigureAwait(false);
            return all is null
                ? null
                : JsonSerializer.Deserialize<string[]>(all)!.Where(v => v.StartsWith(wanted + ".", StringComparison.Ordinal)).MaxBy(Order);
        }

        var answer = await RunAsync("view", $"{package}@{wanted}", "version", "--json").ConfigureAwait(false);
        return string.IsNullOrEmpty(answer) ? null : JsonSerializer.Deserialize<string>(answer);
    }

    /// <summary>The package's archive, in <paramref name="folder"/>; null if it could not be fetched.</summary>
    public static async Task<string?> PackAsync(string package, string version, string folder)
    {
        var done = await RunAsync("pack", $"{package}@{version}", "--ignore-scripts", "--pack-destination", folder).ConfigureAwait(false);
        return done is null ? null : Directory.EnumerateFiles(folder, "*.tgz").SingleOrDefault();
    }

    /// <summary>Orders versions such as 18.4.0-beta.17 by their numbers.</summary>
    public static (Version, int) Order(string version)
    {
        var parts = version.Split('-', 2);
        var build = parts.Length > 1 && int.TryParse(parts[1].Split('.')[^1], out var number) ? number : int.MaxValue;
        return (Version.TryParse(parts[0], out var parsed) ? parsed : new Version(0, 0), build);
    }

    private static async Task<string?> RunAsync(params string[] arguments)
    {
        // Not in the current folder: a project there may have settings of its own for npm.
        var start = OperatingSystem.IsWindows()
            ? new ProcessStartInfo("cmd.exe", ["/d", "/c", "npm", "--silent", .. arguments])
            : new ProcessStartInfo("npm", ["--silent", .. arguments]);
        start.WorkingDirectory = Path.GetTempPath();
        ChildEnvironment.Clean(start);
        return await Tool.RunAsync(start).ConfigureAwait(false) is { ExitCode: 0 } result ? result.Output : null;
    }
}
