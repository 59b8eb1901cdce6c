using System.Diagnostics;
using System.Text;

namespace Backfill.Engine.Tests.Rollback;

/// <summary>A real psql: what people without the module have.</summary>
internal static class Psql
{
    private static readonly string? Program = Find();

    /// <summary>Why tests that need it can't run here; null where they can.</summary>
    public static string? Missing => Program is null ? "psql is not installed" : null;

    /// <summary>As the head of a script says.</summary>
    public static Task<PsqlEnd> RunFileAsync(string databaseUrl, string path, params string[] further) =>
        RunAsync(databaseUrl, ["-v", "ON_ERROR_STOP=1", .. further, "-f", path], null);

    /// <summary>All of a script as one simple-query message, as Supabase's SQL editor sends it.</summary>
    /// <remarks>psql sends a file statement by statement; what \gexec runs, it sends as it is.</remarks>
    public static Task<PsqlEnd> RunAsOneMessageAsync(string databaseUrl, string path) =>
        RunAsync(databaseUrl, ["-v", "ON_ERROR_STOP=1"], $"\\set script `cat {path}`\nselect :'script' \\gexec\n");

    private static async Task<PsqlEnd> RunAsync(string databaseUrl, string[] arguments, string? input)
    {
        var start = new ProcessStartInfo(Program!, ["-X", "-q", "-A", "-t", .. arguments, databaseUrl])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        start.Environment["PGCLIENTENCODING"] = "UTF8";
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return new(process.ExitCode, await output, await errors);
    }

    private static string? Find()
    {
        var name = OperatingSystem.IsWindows() ? "psql.exe" : "psql";
        var named = Environment.GetEnvironmentVariable("BACKFILL_POSTGRES_BIN");
        var versions = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").Order().Reverse() : [];
        return new[] { named ?? "" }
            .Concat(versions.Select(v => Path.Combine(v, "bin")))
            .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
            .Where(folder => folder.Length > 0)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
    }
}

/// <summary>How psql ended.</summary>
internal sealed record PsqlEnd(int ExitCode, string Output, string Errors)
{
    /// <summary>The rows of the last query: table, to delete, deleted, to restore, restored, to reinsert, reinserted, conflicts, verified, result.</summary>
    public IReadOnlyList<string[]> Tables =>
        [.. Output.Split('\n').Select(l => l.Split('|')).Where(f => f.Length == 10)];
}
