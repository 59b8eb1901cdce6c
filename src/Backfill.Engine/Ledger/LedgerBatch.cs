using System.Data.Common;
using System.Globalization;
using System.Runtime.CompilerServices;
using Backfill.Engine.Connections;
using Dapper;
using Npgsql;

namespace Backfill.Engine.Ledger;

/// <summary>Statements that go to the server together, in one transaction, under the ledger's settings.</summary>
/// <remarks>
/// A batch is one round trip, its <c>begin</c> and <c>commit</c> included: there is no session state that a transaction pooler
/// could lose. The isolation level is always named, for a role may have another default.
/// </remarks>
internal sealed class LedgerBatch : IAsyncDisposable
{
    /// <summary>How a transaction begins: each statement sees what was committed before it.</summary>
    public const string ReadCommitted = "begin isolation level read committed";

    private const string AllSettings = "Ledger/transaction_settings";

    private const string FrequentSettings = "Ledger/frequent";

    /// <summary>The settings of <see cref="Frequent"/> for a whole session; only for connections that nothing else is run on.</summary>
    public static string SessionSettings { get; } =
        string.Join(";\n", SqlText.Settings(AllSettings, isLocal: false), SqlText.Settings(FrequentSettings, isLocal: false));

    /// <summary>How much longer the client waits than the server works, so that the server's error comes first.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(5);

    private readonly NpgsqlConnection _connection;
    private readonly bool _owned;
    private readonly NpgsqlBatch _batch;
    private int _before;

    /// <summary>Where the settings end; null where an earlier batch of the transaction has set them.</summary>
    private int? _settings;

    private bool _commits;

    /// <summary>The way to the server, where its statements are worth preparing.</summary>
    private DirectWay? _way;

    /// <summary>Where the connection came from, if this batch opened it.</summary>
    private NpgsqlDataSource? _source;

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
        return new LedgerBatch(connection, owned: true) { _source = dataSource }.Start(ReadCommitted).Committing();
    }

    static LedgerBatch() => RowTypes.Register();

    /// <summary>The same on a connection of the caller's, for rows that are looked up session by session.</summary>
    public static LedgerBatch ByIndex(NpgsqlConnection connection) =>
        new LedgerBatch(connection, owned: false).Start(ReadCommitted).Silent(SqlText.Settings("Ledger/by_index")).Committing();

    /// <summary>The first batch of a longer transaction on <paramref name="connection"/>.</summary>
    public static LedgerBatch Begin(NpgsqlConnection connection, string begin = ReadCommitted) =>
        new LedgerBatch(connection, owned: false).Start(begin);

    /// <summary>
    /// A further batch of a transaction on <paramref name="connection"/>. The server's limits are those of its first one.
    /// </summary>
    public static LedgerBatch On(NpgsqlConnection connection) => new(connection, owned: false);

    /// <summary>For statements that are run for each session: planned by their indexes alone, and prepared where that is safe.</summary>
    /// <param name="source">Whose connection this is; may be left out where the batch opened it.</param>
    public LedgerBatch Frequent(NpgsqlDataSource? source = null)
    {
        _way = (source ?? _source) is { } known ? TargetDataSource.WayOf(known) : null;
        // Within a longer transaction they are set already.
        if (_settings is not { } after)
            return this;
        if (_way is not { IsSetUp: true })
            return Silent(SqlText.Settings(FrequentSettings));
        _batch.BatchCommands.RemoveAt(after - 1);
        _settings = after - 1;
        _before--;
        return this;
    }

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

    /// <returns>How many rows were written.</returns>
    public async Task<int> ExecuteAsync(CancellationToken cancellationToken)
    {
        Complete();
        await PrepareAsync(cancellationToken).ConfigureAwait(false);
        return await _batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A reader that stands before the rows of the first statement added by the caller.</summary>
    public async Task<NpgsqlDataReader> ReadAsync(CancellationToken cancellationToken)
    {
        Complete();
        await PrepareAsync(cancellationToken).ConfigureAwait(false);
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
    public async IAsyncEnumerable<T> StreamAsync<T>(
        Func<DbDataReader, Func<DbDataReader, T>>? parser, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var reader = await ReadAsync(cancellationToken).ConfigureAwait(false);
        var parse = parser?.Invoke(reader) ?? reader.GetRowParser<T>();
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
    public LedgerBatch Slow() => Limit(TimeSpan.FromMinutes(10));

    /// <summary>For what takes as long as it takes.</summary>
    public LedgerBatch Unlimited() => Limit(null);

    public async ValueTask DisposeAsync()
    {
        await _batch.DisposeAsync().ConfigureAwait(false);
        if (_owned)
            await _connection.DisposeAsync().ConfigureAwait(false);
    }

    private LedgerBatch Start(string begin)
    {
        Silent(begin).Silent(SqlText.Settings(AllSettings));
        _settings = _batch.BatchCommands.Count;
        return this;
    }

    private LedgerBatch Committing()
    {
        _commits = true;
        return this;
    }

    private void Complete()
    {
        if (_commits)
            Add("commit");
        _commits = false;
    }

    /// <summary>A round trip of its own the first time on a connection, and none after it.</summary>
    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        if (_way is not { IsDirect: true } way)
            return;
        try
        {
            await _batch.PrepareAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException e) when (_settings is not null && !PassingFailures.Is(e))
        {
            // Outside of a transaction it has done no harm. What is wrong with a statement is told when it is run as it is. A line that
            // breaks is told at once: on a connection that is gone, every statement would fail in another way.
            way.GiveUp();
        }
    }

    private LedgerBatch Limit(TimeSpan? limit)
    {
        _batch.Timeout = limit is { } most ? (int)(most + Margin).TotalSeconds : 0;
        if (_settings is not { } at)
            return this;
        var text = string.Create(CultureInfo.InvariantCulture, $"{(long)(limit ?? TimeSpan.Zero).TotalMilliseconds}");
        _batch.BatchCommands.Insert(at, new NpgsqlBatchCommand($"select set_config('statement_timeout', '{text}', true)"));
        _before++;
        return this;
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
