using System.Data.Common;
using System.Runtime.CompilerServices;
using Backfill.Engine.Connections;
using Backfill.Engine.Connections.Settings;
using Npgsql;
using Polly;

namespace Backfill.Engine.Ledger;

/// <summary>Runs what is asked of the database, each by the policy in its name, and tells failures in an operator's words.</summary>
internal sealed class LedgerOperations
{
    private readonly NpgsqlDataSource _dataSource;
    private readonly PostgresUri _where;
    private readonly ResiliencePipeline _again;
    private readonly ResiliencePipeline _soon;

    public LedgerOperations(NpgsqlDataSource dataSource, PostgresUri where, TimeProvider time, DatabasePatience patience)
    {
        _dataSource = dataSource;
        _where = where;
        _again = PassingFailures.Pipeline(time, patience.Worker, PassingFailures.Is, Failed);
        _soon = PassingFailures.Pipeline(time, patience.Person, PassingFailures.IsOutage, Failed);
    }

    /// <summary>For what is no use when it comes late: a failure is told at once.</summary>
    public Task<T> AtOnceAsync<T>(Func<LedgerBatch, Task<T>> work, CancellationToken cancellationToken) =>
        GuardAsync(() => InTransactionAsync((batch, _) => work(batch), cancellationToken));

    /// <summary>For what somebody waits for and can be said again without harm: it is, through a short outage.</summary>
    public Task<T> SoonAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken) =>
        GuardAsync(() => RunAsync(_soon, work, cancellationToken));

    /// <summary>The same as a transaction.</summary>
    public Task<T> SoonAsync<T>(Func<LedgerBatch, CancellationToken, Task<T>> work, CancellationToken cancellationToken) =>
        SoonAsync(token => InTransactionAsync(work, token), cancellationToken);

    /// <summary>For a worker's part, which can be said again without harm: it is, through a restart of the database.</summary>
    public Task<T> AgainAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken) =>
        GuardAsync(() => RunAsync(_again, work, cancellationToken));

    /// <summary>The same as a transaction.</summary>
    public Task<T> AgainAsync<T>(Func<LedgerBatch, CancellationToken, Task<T>> work, CancellationToken cancellationToken) =>
        AgainAsync(token => InTransactionAsync(work, token), cancellationToken);

    /// <summary>For rows that come one by one: the first is waited for, and what fails after it is told at once.</summary>
    public async IAsyncEnumerable<T> StreamAsync<T>(
        string statement,
        object?[] values,
        Func<DbDataReader, Func<DbDataReader, T>>? parser,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var rows = await SoonAsync(
            token => RowStream<T>.OpenAsync(_dataSource, SqlText.Load(statement), values, parser, token),
            cancellationToken).ConfigureAwait(false);
        for (var isThere = rows.HasFirst; isThere; isThere = await GuardAsync(rows.NextAsync).ConfigureAwait(false))
            yield return rows.Current;
    }

    private Task<T> GuardAsync<T>(Func<Task<T>> work) => DatabaseErrors.GuardAsync(_where, work);

    private static async Task<T> RunAsync<T>(
        ResiliencePipeline pipeline, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken) =>
        await pipeline.ExecuteAsync(async token => await work(token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);

    private async Task<T> InTransactionAsync<T>(Func<LedgerBatch, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var batch = await LedgerBatch.OpenAsync(_dataSource, cancellationToken).ConfigureAwait(false);
        return await work(batch, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Before it is said again: statements that got lost are no longer prepared, and connections are renewed, for a session that began
    /// while the database was read-only stays read-only when that is over.
    /// </summary>
    private void Failed(Exception exception)
    {
        if (PassingFailures.IsLostStatement(exception))
            TargetDataSource.WayOf(_dataSource)?.GiveUp();
        if (exception is PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction })
            _dataSource.Clear();
    }
}

/// <summary>Rows that are being read, the first one with its opening.</summary>
internal sealed class RowStream<T> : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly LedgerBatch _batch;
    private readonly IAsyncEnumerator<T> _rows;

    private RowStream(NpgsqlConnection connection, LedgerBatch batch, IAsyncEnumerator<T> rows)
    {
        _connection = connection;
        _batch = batch;
        _rows = rows;
    }

    public bool HasFirst { get; private set; }

    public T Current => _rows.Current;

    public static async Task<RowStream<T>> OpenAsync(
        NpgsqlDataSource dataSource,
        string sql,
        object?[] values,
        Func<DbDataReader, Func<DbDataReader, T>>? parser,
        CancellationToken cancellationToken)
    {
        var connection = await dataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        var batch = LedgerBatch.ByIndex(connection).Slow().Add(sql, values);
        var stream = new RowStream<T>(
            connection, batch, batch.StreamAsync(parser, cancellationToken).GetAsyncEnumerator(cancellationToken));
        try
        {
            stream.HasFirst = await stream.NextAsync().ConfigureAwait(false);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public Task<bool> NextAsync() => _rows.MoveNextAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        await _rows.DisposeAsync().ConfigureAwait(false);
        await _batch.DisposeAsync().ConfigureAwait(false);
        await _connection.DisposeAsync().ConfigureAwait(false);
    }
}
