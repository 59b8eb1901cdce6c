using System.Globalization;
using Backfill.Sandbox.Clock;
using Backfill.Sandbox.Eras;
using Backfill.Sandbox.Scoring;
using Npgsql;

namespace Backfill.Sandbox.Database;

/// <summary>Makes an empty cluster the system of SYSTEM.md, rows included.</summary>
internal static class DatabaseSetup
{
    private static readonly string[] Scripts =
    [
        "Schema/1-roles", "Schema/2-tables",
        "Seed/1-sessions", "Seed/2-answers", "Seed/3-logs",
    ];

    private static readonly string[] ScriptsAfterRows =
    [
        "Schema/3-keys", "Schema/4-triggers", "Schema/5-row-security",
    ];

    /// <summary>Answers a session; fewer where there are many sessions.</summary>
    private static (int Responses, int FcResponses) Answers(int sessions) => sessions <= 2_000 ? (36, 12) : (4, 4);

    public static async Task RunAsync(NpgsqlConnection connection, SandboxOptions options, SandboxClock clock, string ownerPassword)
    {
        var answers = Answers(options.Sessions);
        // No statement in the server's log if one fails: the first of them holds a password.
        await SetAsync(connection, "log_min_error_statement", "panic").ConfigureAwait(false);
        await SetAsync(connection, "sandbox.password", ownerPassword).ConfigureAwait(false);
        await SetAsync(connection, "sandbox.seed", Text(options.Seed)).ConfigureAwait(false);
        await SetAsync(connection, "sandbox.candidates", Text(options.Candidates)).ConfigureAwait(false);
        await SetAsync(connection, "sandbox.sessions", Text(options.Sessions)).ConfigureAwait(false);
        await SetAsync(connection, "sandbox.responses", Text(answers.Responses)).ConfigureAwait(false);
        await SetAsync(connection, "sandbox.fc_responses", Text(answers.FcResponses)).ConfigureAwait(false);
        await SetAsync(connection, "sandbox.clock_origin", clock.OriginText).ConfigureAwait(false);
        await SetAsync(connection, "sandbox.clock_factor", clock.FactorText).ConfigureAwait(false);

        // One transaction: rows of a table that was made in the same one need no write-ahead log.
        await using var transaction = await connection.BeginTransactionAsync().ConfigureAwait(false);
        foreach (var name in Scripts)
            await ExecuteAsync(connection, Sql.Read($"Database/{name}.sql")).ConfigureAwait(false);
        await ScoredRows.CopyAsync(connection, new Scorer(options.Seed)).ConfigureAwait(false);
        foreach (var name in ScriptsAfterRows)
            await ExecuteAsync(connection, Sql.Read($"Database/{name}.sql")).ConfigureAwait(false);
        // The rows are those of the complete schema in every era.
        if (options.Era.Script is { } script) await ExecuteAsync(connection, script).ConfigureAwait(false);
        if (options.Era.TokenFunction == "get_profile_by_session")
            await ExecuteAsync(connection, Sql.Read("Database/Schema/6-get_profile_by_session.sql")).ConfigureAwait(false);
        await ExecuteAsync(connection, Sql.Read("Clock/publish_clock.sql")).ConfigureAwait(false);
        await transaction.CommitAsync().ConfigureAwait(false);

        await ExecuteAsync(connection, "ANALYZE").ConfigureAwait(false);
    }

    private static async Task SetAsync(NpgsqlConnection connection, string name, string value)
    {
        await using var command = new NpgsqlCommand("SELECT set_config($1, $2, false)", connection)
        {
            Parameters = { new() { Value = name }, new() { Value = value } },
        };
        await command.ExecuteNonQueryAsync().ConfigureAwait(false);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 600 };
        await command.ExecuteNonQueryAsync().ConfigureAwait(false);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
