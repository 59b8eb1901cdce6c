using Npgsql;

namespace Backfill.Sandbox.Signals;

/// <summary>An archive that takes nothing: WAL files wait for it, marked <c>.ready</c>.</summary>
internal sealed class ArchiveStuck(SignalDatabase database) : IHealthSignal
{
    /// <summary>Files of 16 MB.</summary>
    private const int Waiting = 8;

    public async Task PlantAsync(CancellationToken cancellationToken)
    {
        await database.RunAsync(cancellationToken, "ALTER SYSTEM SET archive_command = 'exit 1'", "SELECT pg_reload_conf()")
            .ConfigureAwait(false);
        // A file that is switched before the archiver has read the new command is still taken: another one is made for it.
        await database.UntilAsync(
            """
            SELECT CASE WHEN count(*) >= $1 THEN true
                ELSE greatest(pg_logical_emit_message(false, 'sandbox', 'waits for the archive'), pg_switch_wal()) IS NULL END
            FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready'
            """,
            cancellationToken,
            new NpgsqlParameter<int> { TypedValue = Waiting }).ConfigureAwait(false);
    }

    public async Task ClearAsync()
    {
        await database.RunAsync(CancellationToken.None, "ALTER SYSTEM RESET archive_command", "SELECT pg_reload_conf()")
            .ConfigureAwait(false);
        await database.UntilAsync(
            "SELECT NOT EXISTS (SELECT FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready')", CancellationToken.None)
                .ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
