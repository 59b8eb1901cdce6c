using Backfill.Engine.Connections;
using Backfill.Engine.Tests.Connections;
using Backfill.Engine.Tests.Sandbox;

namespace Backfill.Benchmarks;

/// <summary>A connection through PgBouncer in transaction mode, where nothing is prepared. It has a server connection for each of ours.</summary>
internal sealed class PooledWay : IAsyncDisposable
{
    private const int ServerConnections = 64;

    private readonly PgBouncer _pooler;

    private PooledWay(PgBouncer pooler, BackfillConnection connection)
    {
        _pooler = pooler;
        Connection = connection;
    }

    public BackfillConnection Connection { get; }

    /// <returns>Null: PgBouncer is not installed.</returns>
    public static async Task<PooledWay?> StartAsync(SandboxInfo info)
    {
        if (PgBouncer.Program is null)
            return null;
        var pooler = await PgBouncer.StartAsync(info.DatabaseUrl, "transaction", ServerConnections);
        try
        {
            var url = new UriBuilder(info.DatabaseUrl) { Port = pooler.Port }.Uri.ToString();
            return new(pooler, await BenchTarget.ConnectAsync(info, requireLedger: true, url));
        }
        catch
        {
            await pooler.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Connection.Target.DisposeAsync();
        await _pooler.DisposeAsync();
    }
}
