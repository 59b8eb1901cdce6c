using Backfill.Sandbox.Lifetime;
using Npgsql;

namespace Backfill.Sandbox.Postgres;

/// <summary>Keeps a PostgreSQL running on its port, through the restarts that are asked for.</summary>
internal sealed class PostgresKeeper : IDisposable
{
    private const int MostAttempts = 20;

    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromMilliseconds(100);

    private readonly Cluster _cluster;
    private readonly Guardian _guardian;
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile PostgresServer _server;
    private volatile PostgresServer? _leaving;

    private PostgresKeeper(Cluster cluster, Guardian guardian, PostgresServer server)
    {
        (_cluster, _guardian, _server) = (cluster, guardian, server);
        Watch(server);
    }

    /// <summary>Another one after each restart.</summary>
    public int ProcessId => _server.ProcessId;

    public int Port => _server.Port;

    /// <summary>A connection as the bootstrap superuser, the same through restarts.</summary>
    public NpgsqlConnectionStringBuilder Superuser => _server.Superuser;

    /// <summary>Completes when the server ended and nobody had asked it to, or when it did not come back.</summary>
    public Task Ended => _ended.Task;

    public static async Task<PostgresKeeper> StartAsync(Cluster cluster, int? wantedPort, Guardian guardian) =>
        new(cluster, guardian, await PostgresServer.StartAsync(cluster, wantedPort, guardian).ConfigureAwait(false));

    /// <summary>
    /// A fast restart: the server ends its clients' sessions, what they had not committed is gone, and it is back on the
    /// same port with the same data. One that is asked for meanwhile comes after it.
    /// </summary>
    /// <param name="whileDown">Done when the old server has gone and the new one is not yet there.</param>
    public async Task RestartAsync(Action whileDown)
    {
        await _oneAtATime.WaitAsync().ConfigureAwait(false);
        try
        {
            var old = _leaving = _server;
            await old.StopAsync().ConfigureAwait(false);
            _guardian.Forget(old.ProcessId);
            whileDown();
            Watch(_server = await BackAsync(old.Port).ConfigureAwait(false));
        }
        catch (SandboxException)
        {
            _ended.TrySetResult();
            throw;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public void Dispose() => _oneAtATime.Dispose();

    /// <summary>
    /// While nobody listens on the port, it may be given out as the near end of somebody's connection (a client that
    /// tries to reach us, above all), which soon goes away.
    /// </summary>
    private async Task<PostgresServer> BackAsync(int port)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await PostgresServer.StartAsync(_cluster, port, _guardian).ConfigureAwait(false);
            }
            catch (SandboxException) when (attempt < MostAttempts)
            {
                await Task.Delay(BetweenAttempts).ConfigureAwait(false);
            }
        }
    }

    private void Watch(PostgresServer server) => server.Ended.ContinueWith(
        _ =>
        {
            if (_leaving != server) _ended.TrySetResult();
        },
        CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
