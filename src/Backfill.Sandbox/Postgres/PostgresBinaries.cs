using System.Text.RegularExpressions;

namespace Backfill.Sandbox.Postgres;

/// <summary>A folder with <c>initdb</c> and <c>postgres</c> that this account can run.</summary>
/// <param name="Folder">The folder, symbolic links resolved: the programs find their libraries beside it.</param>
/// <param name="Version">As <c>postgres --version</c> says, for instance 15.14.</param>
internal sealed partial record PostgresBinaries(string Folder, Version Version)
{
    /// <summary>SYSTEM.md: the system we backfill runs PostgreSQL 15 or newer.</summary>
    public static readonly Version Oldest = new(15, 0);

    public string InitDb => Program(Folder, "initdb");

    public string PgCtl => Program(Folder, "pg_ctl");

    public string Postgres => Program(Folder, "postgres");

    /// <summary>Null where a program is missing, older than <see cref="Oldest"/>, or does not run for this account.</summary>
    public static async Task<PostgresBinaries?> ProbeAsync(string folder, Account account)
    {
        if (!File.Exists(Program(folder, "initdb")) || !File.Exists(Program(folder, "postgres"))) return null;

        var result = await Tool.RunAsync(account.Command(Path.GetPathRoot(folder) ?? folder, Program(folder, "postgres"), "--version"))
            .ConfigureAwait(false);
        return result is { ExitCode: 0 } && VersionNumber().Match(result.Output) is { Success: true } match
            && Version.TryParse(match.Value, out var version) && version >= Oldest
            ? new PostgresBinaries(folder, version)
            : null;
    }

    public static string Program(string folder, string name) =>
        Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name);

    [GeneratedRegex(@"\d+\.\d+")]
    private static partial Regex VersionNumber();
}
