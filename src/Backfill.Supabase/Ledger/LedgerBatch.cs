using System.Runtime.CompilerServices;
using Dapper;
using Npgsql;

namespace Backfill.Supabase.Ledger;

/// <summary>Statements that go to the server together, in one transaction, under the ledger's settings.</summary>
/// <remarks>
/// Without <c>begin</c> the statements of one batch are one implicit transaction, in one round trip: there is no session
/// state that a transaction pooler could lose.
/// </remarks>
internal sealed class LedgerBatch : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly bool _owned;
    private readonly NpgsqlBatch _batch;
    private int _before;

    private LedgerBatch(NpgsqlConnection connection, bool owned)
    {
        _connection = connection;
        _owned = owned;
        _batch = new NpgsqlBatch(connection);
    }

    /// <summary>A batch that is a transaction by itself.</summary>
    public static async Task<LedgerBatch> OpenAsync(NpgsqlDataSource dataSource, CancellationToken cancellationToken)
    {
        var connection = await dataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        return new LedgerBatch(connection, owned: true).Silent(SqlText.Load("Ledger/settings"));
    }

    /// <summary>The same on a connection of the caller's, for rows that are looked up session by session.</summary>
    public static LedgerBatch ByIndex(NpgsqlConnection connection) =>
        new LedgerBatch(connection, owned: false).Silent(SqlText.Load("Ledger/settings")).Silent(SqlText.Load("Ledger/by_index"));

    /// <summary>The first batch of a longer transaction on <paramref name="connection"/>.</summary>
    public static LedgerBatch Begin(NpgsqlConnection connection, string begin = "begin") =>
        new LedgerBatch(connection, owned: false).Silent(begin).Silent(SqlText.Load("Ledger/settings"));

    /// <summary>A further batch of a transaction on <paramref name="connection"/>.</summary>
    public static LedgerBatch On(NpgsqlConnection connection) => new(connection, owned: false);

    public LedgerBatch Add(string sql, params ReadOnlySpan<object?> values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(SqlValue.Of(value));
        _batch.BatchCommands.Add(command);
        return this;
    }

    /// <summary>A statement before those whose rows are read.</summary>
    public LedgerBatch AddBefore(string sql, params ReadOnlySpan<object?> values)
    {
        _before++;
        return Add(sql, values);
    }

    public Task ExecuteAsync(CancellationToken cancellationToken) => _batch.ExecuteNonQueryAsync(cancellationToken);

    /// <summary>A reader that stands before the rows of the first statement added by the caller.</summary>
    public async Task<NpgsqlDataReader> ReadAsync(CancellationToken cancellationToken)
    {
        var reader = await _batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < _before; i++)
            await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        return reader;
    }

    /// <summary>Reads the rows of the first statement added by the caller, then all the rest: only then is the commit known.</summary>
    public async Task<T> QueryAsync<T>(
        Func<NpgsqlDataReader, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        await using var reader = await ReadAsync(cancellationToken).ConfigureAwait(false);
        var result = await read(reader, cancellationToken).ConfigureAwait(false);
        while (await reader.NextResultAsync(cancellationToken).ConfigureAwait(false))
        {
        }

        return result;
    }

    /// <summary>The same for one row.</summary>
    public Task<T> QueryRowAsync<T>(Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken) => QueryAsync(
        async (reader, token) => await reader.ReadAsync(token).ConfigureAwait(false)
            ? read(reader)
            : throw new InvalidOperationException("The statement gave no row."),
        cancellationToken);

    /// <summary>The same for one row, or none.</summary>
    public Task<T?> QueryRowOrNullAsync<T>(Func<NpgsqlDataReader, T?> read, CancellationToken cancellationToken)
        where T : class => QueryAsync(
        async (reader, token) => await reader.ReadAsync(token).ConfigureAwait(false) ? read(reader) : null,
        cancellationToken);

    /// <summary>The same for a few rows, all at once.</summary>
    public Task<IReadOnlyList<T>> QueryRowsAsync<T>(Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken) =>
        QueryAsync<IReadOnlyList<T>>(
            async (reader, token) =>
            {
                var rows = new List<T>();
                while (await reader.ReadAsync(token).ConfigureAwait(false))
                    rows.Add(read(reader));
                return rows;
            },
            cancellationToken);

    /// <summary>The same for rows of their own, one by one as they come.</summary>
    public async IAsyncEnumerable<T> StreamAsync<T>([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var reader = await ReadAsync(cancellationToken).ConfigureAwait(false);
        var parse = reader.GetRowParser<T>();
        var isRead = false;
        try
        {
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                yield return parse(reader);
            isRead = true;
        }
        finally
        {
            // Whoever has seen enough does not wait for the rest.
            if (!isRead)
                _batch.Cancel();
        }
    }

    /// <summary>For statements that touch every session of a long run.</summary>
    public LedgerBatch Slow()
    {
        _batch.Timeout = (int)TimeSpan.FromMinutes(10).TotalSeconds;
        return this;
    }

    /// <summary>For what takes as long as it takes.</summary>
    public LedgerBatch Unlimited()
    {
        _batch.Timeout = 0;
        return this;
    }

    public async ValueTask DisposeAsync()
    {
        await _batch.DisposeAsync().ConfigureAwait(false);
        if (_owned)
            await _connection.DisposeAsync().ConfigureAwait(false);
    }

    private LedgerBatch Silent(string sql)
    {
        _batch.BatchCommands.Add(new NpgsqlBatchCommand(sql));
        // Statements without rows make no result of their own.
        if (!sql.StartsWith("begin", StringComparison.Ordinal))
            _before++;
        return this;
    }
}
