using System.Text.Json;
using Npgsql;

namespace Backfill.Sandbox.Signals;

/// <summary>
/// A transaction that is open, idle, and holds a table: <c>LongTransaction</c> as somebody who reads and writes does,
/// so that nobody waits for it, and <c>TableLock</c> so that every writer waits.
/// </summary>
/// <param name="database">Where.</param>
/// <param name="table">As PostgreSQL takes its name.</param>
/// <param name="mode">The lock's mode.</param>
internal sealed class HeldTable(SignalDatabase database, string table, string mode) : IHealthSignal
{
    private NpgsqlConnection? _session;

    public static HeldTable Open(SignalDatabase database, string table) => new(database, table, "ROW EXCLUSIVE");

    public static HeldTable Locked(SignalDatabase database, string table) => new(database, table, "EXCLUSIVE");

    public async Task PlantAsync(CancellationToken cancellationToken)
    {
        _session = await database.OpenAsync(cancellationToken).ConfigureAwait(false);
        var name = await QuotedAsync(_session, cancellationToken).ConfigureAwait(false);
        // Repeatable read keeps its snapshot, and with it all dead rows. The transaction's id makes it a writer.
        await SignalDatabase.RunAsync(
            _session,
            $"""
            BEGIN ISOLATION LEVEL REPEATABLE READ;
            LOCK TABLE {name} IN {mode} MODE;
            SELECT pg_current_xact_id(), EXISTS (SELECT FROM {name})
            """,
            cancellationToken).ConfigureAwait(false);
    }

    public async Task ClearAsync()
    {
        if (_session is { } session) await database.EndAsync([session]).ConfigureAwait(false);
        _session = null;
    }

    public ValueTask DisposeAsync() => _session?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task<string> QuotedAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT format('%I.%I', n.nspname, c.relname)
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.oid = to_regclass($1) AND c.relkind IN ('r', 'p')
            """,
            session)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = table } },
        };
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) as string
            ?? throw new JsonException($"There is no table '{table}' in the sandbox.");
    }
}
