using System.Collections.Concurrent;
using Npgsql;

namespace Backfill.Sandbox.Signals;

/// <summary>Idle sessions, so many that nine tenths of <c>max_connections</c> are used. The rest is left to those who work.</summary>
internal sealed class ConnectionsUsed(SignalDatabase database) : IHealthSignal
{
    private const int AtOnce = 8;

    private readonly ConcurrentBag<NpgsqlConnection> _sessions = [];

    public async Task PlantAsync(CancellationToken cancellationToken)
    {
        // Sessions that others close meanwhile are made up for.
        while (await MissingAsync(cancellationToken).ConfigureAwait(false) is > 0 and var missing)
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
            await Parallel.ForAsync(0, missing, options, async (_, stop) =>
                _sessions.Add(await database.OpenAsync(stop).ConfigureAwait(false))).ConfigureAwait(false);
        }
    }

    public async Task ClearAsync()
    {
        await database.EndAsync([.. _sessions]).ConfigureAwait(false);
        _sessions.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var session in _sessions) await session.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<int> MissingAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken).ConfigureAwait(false);
        // Without this session, which ends at once.
        await using var command = new NpgsqlCommand(
            """
            SELECT (ceil(0.9 * current_setting('max_connections')::int) - count(*))::int
            FROM pg_stat_activity
            WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
            """,
            connection);
        return (int)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
    }
}
