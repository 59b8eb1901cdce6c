using Backfill.Engine.Connections;
using Npgsql;

namespace Backfill.Engine.Ledger;

/// <summary>One READ ONLY transaction with a time limit on each statement. Ends in a rollback: it has nothing to keep.</summary>
internal sealed class ReadOnlyTransaction : IAsyncDisposable
{
    private readonly NpgsqlTransaction _transaction;

    private readonly ReadOnlyMode _mode;

    private readonly bool _owned;

    private ReadOnlyTransaction(NpgsqlConnection connection, NpgsqlTransaction transaction, ReadOnlyMode mode, bool owned)
    {
        Connection = connection;
        _mode = mode;
        _transaction = transaction;
        _owned = owned;
    }

    public NpgsqlConnection Connection { get; }

    public static Task<ReadOnlyTransaction> BeginAsync(NpgsqlDataSource dataSource, CancellationToken cancellationToken) =>
        BeginAsync(dataSource, ReadOnlyMode.Quick, cancellationToken);

    /// <summary>With limits of its own.</summary>
    public static async Task<ReadOnlyTransaction> BeginAsync(
        NpgsqlDataSource dataSource, ReadOnlyMode mode, CancellationToken cancellationToken)
    {
        var connection = await dataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await BeginAsync(connection, mode, owned: true, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>On a connection that the caller keeps.</summary>
    public static Task<ReadOnlyTransaction> BeginAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        BeginAsync(connection, ReadOnlyMode.Quick, owned: false, cancellationToken);

    /// <summary>A statement of the folder, with its values in order.</summary>
    public static NpgsqlBatchCommand Command(string name, params ReadOnlySpan<object> values)
    {
        var command = new NpgsqlBatchCommand(SqlText.Load(name));
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }

    /// <summary>Runs statements in one round trip, the settings and the pending BEGIN before them.</summary>
    /// <returns>A reader that stands before the first statement's rows.</returns>
    public async Task<NpgsqlDataReader> ExecuteAsync(IEnumerable<NpgsqlBatchCommand> commands, CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(Connection, _transaction) { Timeout = _mode.ClientTimeout };
        batch.BatchCommands.Add(Command("Connections/begin_read_only", _mode.TimeoutText));
        foreach (var command in commands)
            batch.BatchCommands.Add(command);
        var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
            return reader;
        }
        catch
        {
            // The transaction may have a savepoint to go back to, and a reader that is open keeps the connection to itself.
            await reader.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Reads the rows of one statement.</summary>
    public async Task<IReadOnlyList<T>> ReadAsync<T>(
        NpgsqlBatchCommand command, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        await using var reader = await ExecuteAsync([command], cancellationToken).ConfigureAwait(false);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            rows.Add(read(reader));
        return rows;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _transaction.DisposeAsync().ConfigureAwait(false);
        }
        catch (NpgsqlException)
        {
            // A broken connection must not hide, by failing again here, what broke it.
        }

        if (_owned)
            await Connection.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task<ReadOnlyTransaction> BeginAsync(
        NpgsqlConnection connection, ReadOnlyMode mode, bool owned, CancellationToken cancellationToken) =>
        new(connection, await connection.BeginTransactionAsync(mode.Isolation, cancellationToken).ConfigureAwait(false), mode, owned);
}
