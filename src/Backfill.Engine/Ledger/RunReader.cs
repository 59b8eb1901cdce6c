using System.Data.Common;
using Dapper;
using Npgsql;
using NpgsqlTypes;

namespace Backfill.Engine.Ledger;

/// <summary>Reads runs back, streaming: a long run costs no more memory than a short one.</summary>
internal sealed class RunReader(LedgerOperations operations) : IRunReader
{
    public IAsyncEnumerable<BackfillRun> ListAsync(RunFilter filter, CancellationToken cancellationToken) =>
        operations.StreamAsync(
            "Ledger/list_runs",
            [SqlValue.Uuid(filter.RunId), SqlValue.Text(filter.State?.ToString()), filter.Latest],
            RunParser,
            cancellationToken);

    public IAsyncEnumerable<BackfillSessionResult> ReadSessionsAsync(
        Guid runId, BackfillOutcome? outcome, CancellationToken cancellationToken) =>
        QueryAsync<BackfillSessionResult>("Ledger/read_sessions", [runId, SqlValue.Text(outcome?.ToString())], cancellationToken);

    public IAsyncEnumerable<BackfillSessionResult> ReadErrorsAsync(Guid runId, CancellationToken cancellationToken) =>
        QueryAsync<BackfillSessionResult>("Ledger/read_errors", [runId], cancellationToken);

    public IAsyncEnumerable<OperationLogEntry> ReadOperationLogAsync(Guid runId, CancellationToken cancellationToken) =>
        QueryAsync<OperationLogEntry>("Ledger/read_operation_log", [runId], cancellationToken);

    public IAsyncEnumerable<BackfillEvent> ReadEventsAsync(Guid? runId, int? last, CancellationToken cancellationToken) =>
        QueryAsync<BackfillEvent>("Ledger/read_events", [SqlValue.Uuid(runId), SqlValue.Integer(last)], cancellationToken);

    public async Task<IReadOnlyList<BatchFigures>> ReadBatchesAsync(Guid runId, CancellationToken cancellationToken) =>
        await QueryAsync<BatchFigures>("Ledger/read_batches", [runId], cancellationToken)
            .ToListAsync(cancellationToken).ConfigureAwait(false);

    public async Task<IReadOnlyList<ActualTableChange>> ReadChangesAsync(Guid runId, CancellationToken cancellationToken) =>
        await QueryAsync<ActualTableChange>("Ledger/read_changes", [runId], cancellationToken)
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

    /// <summary>A run, and beside it what its outlook is computed from.</summary>
    private static Func<DbDataReader, BackfillRun> RunParser(DbDataReader reader)
    {
        var progress = reader.GetOrdinal(nameof(RecentProgress.Now));
        var run = reader.GetRowParser<BackfillRun>(length: progress);
        var recent = reader.GetRowParser<RecentProgress>(startIndex: progress);
        return row => RunOutlook.Of(run(row), recent(row));
    }

    /// <summary>For a few rows at once.</summary>
    private Task<IReadOnlyList<T>> ReadAsync<T>(
        string name, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken, params object[] values) => operations.SoonAsync(
        (batch, token) => batch.Add(SqlText.Load(name), values).QueryRowsAsync(read, token), cancellationToken);

    private IAsyncEnumerable<T> QueryAsync<T>(string name, object?[] values, CancellationToken cancellationToken) =>
        operations.StreamAsync<T>(name, values, parser: null, cancellationToken);
}
