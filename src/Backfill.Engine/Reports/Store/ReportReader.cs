using Backfill.Engine.Ledger;
using Npgsql;

namespace Backfill.Engine.Reports.Store;

/// <summary>Reads what a report shows; a run of a million sessions comes as counts.</summary>
internal sealed class ReportReader(LedgerOperations operations) : IReportReader
{
    public Task<IReadOnlyList<OutcomeCount>> CountOutcomesAsync(Guid runId, CancellationToken cancellationToken) => RowsAsync(
        "count_outcomes",
        [runId],
        r => new OutcomeCount(
            Enum.Parse<BackfillOutcome>(r.GetString(0)),
            r.IsDBNull(1) ? null : Enum.Parse<BackfillCategory>(r.GetString(1)),
            r.GetInt32(2)),
        cancellationToken);

    public IAsyncEnumerable<BackfillSessionResult> ReadSomeSessionsAsync(Guid runId, int most, CancellationToken cancellationToken) =>
        operations.StreamAsync<BackfillSessionResult>("Reports/Store/read_some_sessions", [runId, most], parser: null, cancellationToken);

    public Task<IReadOnlyList<TimelinePart>> ReadTimelineAsync(
        Guid runId, TimelineScale scale, CancellationToken cancellationToken) => RowsAsync(
        "read_timeline",
        [runId, scale.Start, scale.Width.TotalSeconds, scale.Parts],
        r => new TimelinePart(
            r.GetInt32(0), r.GetInt32(1), r.GetInt32(2), r.GetInt32(3), r.GetInt32(4), r.GetInt32(5), r.GetInt32(6)),
        cancellationToken);

    public Task<IReadOnlyList<RunEvent>> ReadEventsAsync(Guid runId, CancellationToken cancellationToken) => RowsAsync(
        "read_events",
        [runId],
        r => new RunEvent(
            Time(r, 0),
            r.GetString(1),
            Enum.Parse<BackfillRunState>(r.GetString(2)),
            r.GetInt32(3),
            r.GetInt32(4),
            r.GetString(5),
            Text(r, 6)),
        cancellationToken);

    public Task<IReadOnlyList<RunWorker>> ReadWorkersAsync(Guid runId, CancellationToken cancellationToken) => RowsAsync(
        "read_workers",
        [runId],
        r => new RunWorker(
            r.GetString(0), r.GetInt32(1), Time(r, 2), Time(r, 3), r.IsDBNull(4) ? null : Time(r, 4), r.GetFieldValue<TimeSpan>(5), Text(
                r, 6)),
        cancellationToken);

    public Task<IReadOnlyList<RollbackLine>> ReadRollbacksAsync(Guid runId, CancellationToken cancellationToken) => RowsAsync(
        "read_rollbacks",
        [runId],
        r => new RollbackLine(
            Time(r, 0),
            r.GetBoolean(1),
            r.GetBoolean(2),
            r.GetInt64(3),
            r.GetString(4),
            Text(r, 5),
            Text(r, 6),
            r.GetInt64(7),
            r.GetInt64(8),
            r.GetInt64(9),
            r.GetInt64(10),
            r.GetBoolean(11)),
        cancellationToken);

    private Task<IReadOnlyList<T>> RowsAsync<T>(
        string name, object[] values, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken) => operations.SoonAsync(
        (batch, token) => batch.Slow().Add(SqlText.Load($"Reports/Store/{name}"), values).QueryRowsAsync(read, token), cancellationToken);

    private static DateTimeOffset Time(NpgsqlDataReader reader, int column) => reader.GetFieldValue<DateTimeOffset>(column);

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
