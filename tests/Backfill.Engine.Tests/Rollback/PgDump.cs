using System.Diagnostics;
using Backfill.Engine.Connections;
using Backfill.Engine.Connections.Settings;
using Backfill.Engine.Tests.Sandbox;
using Npgsql;

namespace Backfill.Engine.Tests.Rollback;

/// <summary>PostgreSQL's own word on what a database holds, in a form in which two states can be compared.</summary>
internal static class PgDump
{
    /// <summary>The lines of <c>pg_dump --data-only</c>, sorted, less those that differ from one dump to the next.</summary>
    /// <remarks>The test is skipped where PostgreSQL came without its client programs.</remarks>
    public static async Task<IReadOnlyList<string>> ReadAsync(SandboxFixture world, params string[] arguments)
    {
        var program = await FindAsync(world.Sandbox.Info);
        Assert.SkipWhen(program is null, "pg_dump is not installed.");
        var where = PostgresUri.Parse(world.Sandbox.Info.DatabaseUrl);
        var start = new ProcessStartInfo(program!, ["--data-only", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["PGHOST"] = where.Host, ["PGPORT"] = $"{where.Port}", ["PGDATABASE"] = where.Database,
                ["PGUSER"] = where.User, ["PGPASSWORD"] = where.Password,
            },
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var text = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await errors);
        return [.. text.Split('\n').Where(IsData).Order(StringComparer.Ordinal)];
    }

    private static bool IsData(string line) =>
        !line.Contains("setval", StringComparison.Ordinal)
        && !line.StartsWith(@"\restrict", StringComparison.Ordinal)
        && !line.StartsWith(@"\unrestrict", StringComparison.Ordinal);

    /// <summary>Beside the server, or the newest one of the usual place; one that is older than the server would refuse.</summary>
    private static async Task<string?> FindAsync(SandboxInfo sandbox)
    {
        await using var database = NpgsqlDataSource.Create(sandbox.SuperuserConnectionString);
        await using var command = database.CreateCommand("select setting from pg_config where name = 'BINDIR'");
        var beside = (string)(await command.ExecuteScalarAsync())!;
        var usual = Directory.Exists("/usr/lib/postgresql")
            ? Directory.EnumerateDirectories("/usr/lib/postgresql").OrderDescending(StringComparer.Ordinal).Select(d => Path.Combine(d, "bin"))
            : [];
        var major = sandbox.ServerVersion.Split('.', ' ')[0];
        return usual.Where(d => string.CompareOrdinal(Path.GetFileName(Path.GetDirectoryName(d)!), major) >= 0)
            .Prepend(beside).Select(d => Path.Combine(d, "pg_dump")).FirstOrDefault(File.Exists);
    }
}
