using Npgsql;
using NpgsqlTypes;

namespace Backfill.Engine.Ledger;

/// <summary>Reads runs back, streaming: a long run costs no more memory than a short one.</summary>
internal sealed class RunReader(LedgerOperations operations) : IRunReader
{
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

    /// <summary>For a few rows at once.</summary>
    private Task<IReadOnlyList<T>> ReadAsync<T>(
        string name, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken, params object[] values) => operations.SoonAsync(
        (batch, token) => batch.Add(SqlText.Load(name), values).QueryRowsAsync(read, token), cancellationToken);

    private IAsyncEnumerable<T> QueryAsync<T>(string name, object?[] values, CancellationToken cancellationToken) =>
        operations.StreamAsync<T>(name, values, cancellationToken);
}
