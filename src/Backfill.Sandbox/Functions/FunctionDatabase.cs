using Npgsql;

namespace Backfill.Sandbox.Functions;

/// <summary>The functions' own connections. They work as <c>service_role</c>, like the client that a real function makes.</summary>
internal sealed class FunctionDatabase(NpgsqlConnectionStringBuilder superuser) : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(
        new NpgsqlConnectionStringBuilder(superuser.ConnectionString)
        {
            ApplicationName = "edge functions",
            Options = "-c role=service_role",
            MaxPoolSize = 40,
            MaxAutoPrepare = 10,
            AutoPrepareMinUsages = 1,
            NoResetOnClose = true,
        });

    public async ValueTask<FunctionWork> BeginAsync(Effect effect)
    {
        var connection = await _source.OpenConnectionAsync().ConfigureAwait(false);
        return new FunctionWork(connection, effect == Effect.RolledBack ? await connection.BeginTransactionAsync().ConfigureAwait(false) : null);
    }

    /// <summary>Drops the connections: the server at their other end is gone.</summary>
    public void Forget() => _source.Clear();

    public ValueTask DisposeAsync() => _source.DisposeAsync();
}

/// <summary>A connection for one call. In a transaction, it is rolled back at its end; otherwise each statement commits.</summary>
internal sealed class FunctionWork(NpgsqlConnection connection, NpgsqlTransaction? discarded) : IAsyncDisposable
{
    public NpgsqlCommand Command(string statement) => new(statement, connection, discarded);

    public async ValueTask DisposeAsync()
    {
        if (discarded is not null) await discarded.DisposeAsync().ConfigureAwait(false);
        await connection.DisposeAsync().ConfigureAwait(false);
    }
}
