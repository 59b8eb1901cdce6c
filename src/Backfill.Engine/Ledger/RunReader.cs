using System.Runtime.CompilerServices;
using Backfill.Engine.Connections;
using Dapper;
using Npgsql;
using NpgsqlTypes;
using Polly;

namespace Backfill.Engine.Ledger;

/// <summary>Reads runs back, streaming: a long run costs no more memory than a short one.</summary>
internal sealed class RunReader(NpgsqlDataSource dataSource, PostgresUri? where = null) : IRunReader
{
    /// <summary>Somebody waits for what is read; PgBouncer alone refuses for 15 s after it has lost its server.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ResiliencePipeline _pipeline = PassingFailures.Pipeline(TimeProvider.System, Patience);

    public IAsyncEnumerable<BackfillRun> ListAsync(RunFilter filter, CancellationToken cancellationToken) =>
        QueryAsync<RunRow>(
            "Ledger/list_runs", [SqlValue.Uuid(filter.RunId), SqlValue.Text(filter.State?.ToString()), filter.Latest], cancellationToken).Select(r => r.ToRun());

    public IAsyncEnumerable<BackfillSessionResult> ReadSessionsAsync(
        Guid runId, BackfillOutcome? outcome, CancellationToken cancellationToken) =>
        QueryAsync<SessionRow>("Ledger/read_sessions", [runId, SqlValue.Text(outcome?.ToString())], cancellationToken)
            .Select(r => r.ToResult());

    public IAsyncEnumerable<BackfillSessionResult> ReadErrorsAsync(Guid runId, CancellationToken cancellationToken) =>
        QueryAsync<SessionRow>("Ledger/read_errors", [runId], cancellationToken).Select(r => r.ToResult());

    public IAsyncEnumerable<OperationLogEntry> ReadOperationLogAsync(Guid runId, CancellationToken cancellationToken) =>
        QueryAsync<OperationRow>("Ledger/read_operation_log", [runId], cancellationToken).Select(r => r.ToEntry());

    public IAsyncEnumerable<BackfillEvent> ReadEventsAsync(Guid? runId, int? last, CancellationToken cancellationToken) =>
        QueryAsync<EventRow>("Ledger/read_events", [SqlValue.Uuid(runId), SqlValue.Integer(last)], cancellationToken)
            .Select(r => r.ToEvent());

    public async Task<IReadOnlyList<BatchFigures>> ReadBatchesAsync(Guid runId, CancellationToken cancellationToken) =>
        await QueryAsync<BatchRow>("Ledger/read_batches", [runId], cancellationToken)
            .Select(r => r.ToFigures()).ToListAsync(cancellationToken).ConfigureAwait(false);

    public async Task<IReadOnlyList<ActualTableChange>> ReadChangesAsync(Guid runId, CancellationToken cancellationToken) =>
        await QueryAsync<ChangeRow>("Ledger/read_changes", [runId], cancellationToken)
            .Select(r => r.ToChange())
            .ToListAsync(cancellationToken).ConfigureAwait(false);

    public Task<IReadOnlyList<RunLabel>> ReadLabelsAsync(
        IReadOnlyList<string>? states, int most, CancellationToken cancellationToken) => ReadAsync(
        "Ledger/read_run_labels",
        r => new RunLabel(
            r.GetGuid(0),
            Enum.Parse<BackfillRunState>(r.GetString(1)),
            Enum.Parse<BackfillEnvironment>(r.GetString(2), ignoreCase: true),
            r.GetString(3),
            r.GetFieldValue<DateTimeOffset>(4),
            r.IsDBNull(5) ? null : r.GetFieldValue<DateTimeOffset>(5)),
        cancellationToken,
        new NpgsqlParameter { Value = (object?)states?.ToArray() ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
        most);

    public Task<IReadOnlyList<string>> ReadBatchIdsAsync(Guid? runId, CancellationToken cancellationToken) => ReadAsync(
        "Ledger/read_batch_ids",
        r => r.GetString(0),
        cancellationToken,
        SqlValue.Uuid(runId));

    /// <summary>For a few rows at once: no look beforehand, no second try.</summary>
    private async Task<IReadOnlyList<T>> ReadAsync<T>(
        string name, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken, params object[] values)
    {
        await using var batch = await LedgerBatch.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
        return await batch.Add(SqlText.Load(name), values).QueryRowsAsync(read, cancellationToken).ConfigureAwait(false);
    }

    private async IAsyncEnumerable<T> QueryAsync<T>(
        string name, object?[] values, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // A pooled connection may have died with the server it led to.
        await using var connection = await GuardedAsync(
            async () => await _pipeline.ExecuteAsync(OpenAsync, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        await using var batch = LedgerBatch.ByIndex(connection).Slow().Add(SqlText.Load(name), values);
        await using var rows = batch.StreamAsync<T>(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await NextAsync(rows).ConfigureAwait(false))
            yield return rows.Current;
    }

    private async ValueTask<bool> NextAsync<T>(IAsyncEnumerator<T> rows)
    {
        try
        {
            return await rows.MoveNextAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (where is not null && DatabaseErrors.Of(e, where) is { } error)
        {
            throw error;
        }
    }

    private Task<T> GuardedAsync<T>(Func<Task<T>> work) => where is null ? work() : DatabaseErrors.GuardAsync(where, work);

    private async ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = await dataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await connection.ExecuteAsync(new CommandDefinition("select 1", cancellationToken: cancellationToken)).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
