using Backfill.Engine.Tests.Sandbox;
using Npgsql;

namespace Backfill.Engine.Tests.Rollback;

/// <summary>An open transaction of somebody else's, on which a rollback has to wait. Disposing takes it back.</summary>
internal sealed class Obstacle : IAsyncDisposable
{
    private readonly RollbackWorld _world;
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;

    private Obstacle(RollbackWorld world, NpgsqlConnection connection, NpgsqlTransaction transaction) =>
        (_world, _connection, _transaction) = (world, connection, transaction);

    public static async Task<Obstacle> RaiseAsync(RollbackWorld world, string sql)
    {
        var connection = await world.Owner.OpenConnectionAsync();
        var transaction = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand(sql, connection, transaction);
        await command.ExecuteNonQueryAsync();
        return new(world, connection, transaction);
    }

    /// <summary>The server process that waits for it, once there is one.</summary>
    public async Task<int> HoldsUpAsync()
    {
        var waiting = await Patiently.AskAsync(
            () => _world.ScalarAsync<int>(
                "select coalesce((select min(a.pid) from pg_stat_activity a where $1 = any (pg_blocking_pids(a.pid))), 0)", _connection.ProcessID),
            pid => pid != 0);
        Assert.NotEqual(0, waiting);
        return waiting;
    }

    /// <summary>What it did stands, and nobody waits for it any more.</summary>
    public Task CommitAsync() => _transaction.CommitAsync();

    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
