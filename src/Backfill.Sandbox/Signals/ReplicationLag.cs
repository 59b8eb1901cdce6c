using Npgsql;
using Npgsql.Replication;
using NpgsqlTypes;

namespace Backfill.Sandbox.Signals;

/// <summary>
/// A standby that receives WAL and applies none, by the streaming protocol of a real one: <c>pg_stat_replication</c> has its
/// row, and its slot keeps all WAL since.
/// </summary>
internal sealed class ReplicationLag(SignalDatabase database) : IHealthSignal
{
    public const string Slot = "sandbox_standby";

    private const int Megabytes = 32;

    private readonly CancellationTokenSource _end = new();
    private PhysicalReplicationConnection? _standby;
    private Task _receiving = Task.CompletedTask;

    public async Task PlantAsync(CancellationToken cancellationToken)
    {
        _standby = new PhysicalReplicationConnection(database.ConnectionString) { WalReceiverStatusInterval = TimeSpan.FromSeconds(1) };
        await _standby.Open(cancellationToken).ConfigureAwait(false);
        _receiving = ReceiveAsync(_standby, await CreateSlotAsync(cancellationToken).ConfigureAwait(false), _end.Token);

        // Messages are in the WAL only: no table has anything of them.
        await database.RunAsync(
            cancellationToken,
            $"SELECT pg_logical_emit_message(false, 'sandbox', repeat('x', 1024 * 1024)) FROM generate_series(1, {Megabytes})")
                .ConfigureAwait(false);
        var seen = database.UntilAsync(
            """
            SELECT EXISTS (
                SELECT FROM pg_stat_replication s JOIN pg_replication_slots r ON r.active_pid = s.pid
                WHERE r.slot_name = $1
                    AND pg_wal_lsn_diff(pg_current_wal_lsn(), s.replay_lsn) >= $2
                    AND pg_wal_lsn_diff(pg_current_wal_lsn(), r.restart_lsn) >= $2)
            """,
            cancellationToken,
            new NpgsqlParameter<string> { TypedValue = Slot },
            new NpgsqlParameter<decimal> { TypedValue = Megabytes * 1024m * 1024m });
        await (await Task.WhenAny(seen, _receiving).ConfigureAwait(false)).ConfigureAwait(false);
    }

    public async Task ClearAsync()
    {
        await DisposeAsync().ConfigureAwait(false);
        await database.UntilAsync(
            """
            SELECT count(CASE WHEN active THEN pg_terminate_backend(active_pid)::text ELSE pg_drop_replication_slot(slot_name)::text END) = 0
            FROM pg_replication_slots WHERE slot_name = $1
            """,
            CancellationToken.None,
            new NpgsqlParameter<string> { TypedValue = Slot }).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _receiving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_standby is not null) await _standby.DisposeAsync().ConfigureAwait(false);
        _standby = null;
    }

    private async Task<PhysicalReplicationSlot> CreateSlotAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var command = new NpgsqlCommand("SELECT lsn FROM pg_create_physical_replication_slot($1, true)", connection)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = Slot } },
        };
        return new(Slot, (NpgsqlLogSequenceNumber)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!);
    }

    /// <summary>Receives, and keeps saying that it has applied what was there at the start.</summary>
    private static async Task ReceiveAsync(PhysicalReplicationConnection standby, PhysicalReplicationSlot slot, CancellationToken end)
    {
        var isReported = false;
        await foreach (var message in standby.StartReplication(slot, end).ConfigureAwait(false))
        {
            if (isReported) continue;

            standby.SetReplicationStatus(message.WalStart);
            await standby.SendStatusUpdate(end).ConfigureAwait(false);
            isReported = true;
        }
    }
}
