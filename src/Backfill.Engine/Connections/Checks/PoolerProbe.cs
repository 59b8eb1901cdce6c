using Backfill.Engine.Connections.Settings;
using Backfill.Engine.Ledger;
using Npgsql;

namespace Backfill.Engine.Connections.Checks;

/// <summary>How the database is reached.</summary>
internal enum PoolerMode
{
    /// <summary>Without a pooler.</summary>
    Direct,

    /// <summary>One server connection for as long as ours is open.</summary>
    Session,

    /// <summary>A server connection for each transaction.</summary>
    Transaction,
}

/// <summary>Which server process worked for one of our connections.</summary>
/// <param name="Client">Which connection of ours.</param>
/// <param name="Announced">The process that was announced when it opened.</param>
/// <param name="Actual">The one that ran the transaction.</param>
internal sealed record BackendSighting(int Client, int Announced, int Actual);

/// <summary>Finds out what lies between here and the server, by looking at process ids only.</summary>
internal static class PoolerProbe
{
    private const int Clients = 2;

    private const int Rounds = 3;

    public static async Task<PoolerMode> TakeAsync(NpgsqlDataSource dataSource, PostgresUri uri, CancellationToken cancellationToken)
    {
        if (PoolerHost.IsSupabase(uri.Host) && uri.Port == PoolerHost.TransactionPort)
            return PoolerMode.Transaction;
        var connections = new List<NpgsqlConnection>();
        try
        {
            for (var i = 0; i < Clients; i++)
                connections.Add(await dataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false));
            var sightings = new List<BackendSighting>();
            // One after the other, so that a pooler with a single server connection can serve both.
            for (var round = 0; round < Rounds; round++)
            {
                foreach (var (client, connection) in connections.Index())
                    sightings.Add(
                        new(client, connection.ProcessID, await BackendOfAsync(connection, cancellationToken).ConfigureAwait(false)));
            }

            return Judge(sightings);
        }
        finally
        {
            foreach (var connection in connections)
                await connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>
    /// A server process that serves two open connections, or a connection served by two, is a transaction pooler's work.
    /// A process id that is not the announced one is a pooler's, which makes the announcement up.
    /// </summary>
    public static PoolerMode Judge(IReadOnlyList<BackendSighting> sightings) =>
        sightings.GroupBy(s => s.Client).Any(c => c.Select(s => s.Actual).Distinct().Skip(1).Any())
        || sightings.GroupBy(s => s.Actual).Any(p => p.Select(s => s.Client).Distinct().Skip(1).Any())
            ? PoolerMode.Transaction
            : sightings.All(s => s.Announced == s.Actual) ? PoolerMode.Direct : PoolerMode.Session;

    private static async Task<int> BackendOfAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var transaction = await ReadOnlyTransaction.BeginAsync(connection, cancellationToken).ConfigureAwait(false);
        var rows = await transaction.ReadAsync(
            ReadOnlyTransaction.Command("Connections/Checks/read_backend"), r => r.GetInt32(0), cancellationToken).ConfigureAwait(false);
        return rows[0];
    }
}
