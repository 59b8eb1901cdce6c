using System.Globalization;
using System.Runtime.InteropServices;

namespace Backfill.Sandbox.Postgres;

/// <summary>
/// Finds PostgreSQL: <c>BACKFILL_POSTGRES_BIN</c>, then <c>PATH</c>, then the usual folders, then the npm package.
/// <c>BACKFILL_POSTGRES_SOURCE=npm</c> goes straight to the package.
/// </summary>
internal static class PostgresFinder
{
    private static readonly string[] Programs = ["postgres", "initdb", "pg_ctl"];

    public static async Task<PostgresBinaries> FindAsync(Account account)
    {
        if (Environment.GetEnvironmentVariable("BACKFILL_POSTGRES_SOURCE") is { Length: > 0 } source)
        {
            return source == "npm"
                ? await NpmPostgres.FindAsync(account).ConfigureAwait(false)
                : throw new SandboxException($"BACKFILL_POSTGRES_SOURCE is '{source}'.", "Set it to npm, or leave it out.");
        }

        if (Environment.GetEnvironmentVariable("BACKFILL_POSTGRES_BIN") is { Length: > 0 } named)
        {
            return await PostgresBinaries.ProbeAsync(Resolve(named), account).ConfigureAwait(false)
                ?? throw new SandboxException(
                    $"BACKFILL_POSTGRES_BIN names no folder with a PostgreSQL {PostgresBinaries.Oldest.Major} or newer that runs here.",
                    "Point it at the folder that holds initdb and postgres, or leave it out.");
        }

        foreach (var folder in OnPath().Concat(UsualFolders()).Distinct())
        {
            if (await PostgresBinaries.ProbeAsync(folder, account).ConfigureAwait(false) is { } found) return found;
        }

        return await NpmPostgres.FindAsync(account).ConfigureAwait(false);
    }

    private static IEnumerable<string> OnPath() =>
        from folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        from name in Programs
        let program = PostgresBinaries.Program(folder, name)
        where File.Exists(program)
        select Path.GetDirectoryName(Resolve(program));

    private static IEnumerable<string> UsualFolders()
    {
        if (OperatingSystem.IsWindows())
            return Versions(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "PostgreSQL"), "*", "bin");

        if (OperatingSystem.IsMacOS())
        {
            var homebrew = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "/opt/homebrew/opt" : "/usr/local/opt";
            return Versions(homebrew, "postgresql@*", "bin")
                .Concat(Versions("/Library/PostgreSQL", "*", "bin"))
                .Concat(Versions("/Applications/Postgres.app/Contents/Versions", "*", "bin"));
        }

        return Versions("/usr/lib/postgresql", "*", "bin")
            .Concat(Versions("/usr", "pgsql-*", "bin"))
            .Concat(Versions("/usr/libexec", "postgresql*", ""))
            .Append("/usr/lib/postgresql/bin")
            .Append("/usr/local/pgsql/bin");
    }

    /// <summary>Folders that carry a version number in their name, newest first.</summary>
    private static IEnumerable<string> Versions(string root, string pattern, string below) =>
        Directory.Exists(root)
            ? Directory.EnumerateDirectories(root, pattern)
                .OrderByDescending(folder => Number(Path.GetFileName(folder)))
                .Select(folder => Resolve(Path.Combine(folder, below)))
            : [];

    private static double Number(string name) =>
        double.TryParse(string.Concat(name.Where(c => char.IsAsciiDigit(c) || c == '.')), CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static string Resolve(string path)
    {
        FileSystemInfo info = Directory.Exists(path) ? new DirectoryInfo(path) : new FileInfo(path);
        return (info.Exists ? info.ResolveLinkTarget(returnFinalTarget: true) ?? info : info).FullName.TrimEnd(Path.DirectorySeparatorChar);
    }
}
