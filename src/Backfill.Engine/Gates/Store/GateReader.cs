using Backfill.Engine.Apply.Freeze;
using Backfill.Engine.Ledger;
using Backfill.Engine.Soak.Store;
using Npgsql;

namespace Backfill.Engine.Gates.Store;

/// <summary>Reads all that the ledger holds of a run's gates, inside a transaction of the caller's.</summary>
internal static class GateReader
{
    public static async Task<GateFacts> ReadAsync(NpgsqlConnection connection, Guid runId, CancellationToken cancellationToken)
    {
        var run = await RowAsync(connection, "read_run", runId, ReadRun, cancellationToken).ConfigureAwait(false)
            ?? throw RunFreezer.NotFound(runId);
        var starters = await RowsAsync(
            connection, "read_starters", runId, r => new RunStarter(r.GetString(0), r.GetString(1)), cancellationToken)
                .ConfigureAwait(false);
        var entries = await RowsAsync(connection, "read_entries", runId, r => ReadEntry(r, runId), cancellationToken).ConfigureAwait(false);
        await using var batch = LedgerBatch.On(connection).Slow().Add(SqlText.Load("Ledger/read_changes"), runId);
        var changes = await batch.StreamAsync<ActualTableChange>(parser: null, cancellationToken)
            .ToListAsync(cancellationToken).ConfigureAwait(false);
        var figures = await RowsAsync(
            connection, "read_figures", runId, r => ReadFigures(r, changes), cancellationToken).ConfigureAwait(false);
        return run with
        {
            RunId = runId,
            Starters = starters,
            Entries = entries,
            Apply = figures[0],
            Reviews = await RowsAsync(connection, "read_reviews", runId, ReadReview, cancellationToken).ConfigureAwait(false),
            Soak = await ReadSoakAsync(connection, runId, cancellationToken).ConfigureAwait(false),
            SoakIds = await RowsAsync(connection, "read_soak_ids", runId, r => r.GetGuid(0), cancellationToken).ConfigureAwait(false),
            Health = await RowAsync(connection, "read_health", runId, ReadHealth, cancellationToken).ConfigureAwait(false),
        };
    }

    private static async Task<SoakFigures?> ReadSoakAsync(NpgsqlConnection connection, Guid runId, CancellationToken cancellationToken)
    {
        var soak = await RowAsync(
            connection,
            "read_soak",
            runId,
            r => new SoakFigures(
                SoakRows.ReadTicket(r),
                r.IsDBNull(8) ? null : r.GetFieldValue<DateTimeOffset>(8),
                r.GetInt32(9),
                r.GetString(10),
                null),
            cancellationToken).ConfigureAwait(false);
        if (soak is null)
            return null;
        var last = await RowAsync(
            connection, "read_last_sample", soak.Soak.SoakId, r => SoakRows.ReadSample(r, soak.Soak), cancellationToken)
                .ConfigureAwait(false);
        return soak with { Last = last };
    }

    private static async Task<T?> RowAsync<T>(
        NpgsqlConnection connection, string name, Guid id, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
        where T : class
    {
        var rows = await RowsAsync(connection, name, id, read, cancellationToken).ConfigureAwait(false);
        return rows.Count == 0 ? null : rows[0];
    }

    private static async Task<IReadOnlyList<T>> RowsAsync<T>(
        NpgsqlConnection connection, string name, Guid id, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        await using var batch = LedgerBatch.On(connection).Slow().Add(SqlText.Load($"Gates/Store/{name}"), id);
        return await batch.QueryRowsAsync(read, cancellationToken).ConfigureAwait(false);
    }

    private static GateFacts ReadRun(NpgsqlDataReader reader) => new()
    {
        RunId = Guid.Empty,
        Environment = Enum.Parse<BackfillEnvironment>(reader.GetString(0), ignoreCase: true),
        State = Enum.Parse<BackfillRunState>(reader.GetString(1)),
        Document = reader.GetString(2),
        PlanHash = reader.GetString(3),
        ModuleVersion = reader.GetString(4),
        CreatedAt = reader.GetFieldValue<DateTimeOffset>(5),
        StateAt = reader.GetFieldValue<DateTimeOffset>(6),
        Count = reader.GetInt32(7),
        Head = Text(reader, 8),
        Now = reader.GetFieldValue<DateTimeOffset>(9),
        DatabaseRole = reader.GetString(10),
        Starters = [],
        Entries = [],
        Apply = new(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, "", "", "", []),
        SoakIds = [],
    };

    private static GateEntry ReadEntry(NpgsqlDataReader reader, Guid runId) => new()
    {
        RunId = runId,
        Sequence = reader.GetInt32(0),
        Gate = Enum.Parse<BackfillGateName>(reader.GetString(1)),
        Action = Enum.Parse<GateAction>(reader.GetString(2)),
        At = reader.GetFieldValue<DateTimeOffset>(3),
        PlanHash = reader.GetString(4),
        Evidence = reader.GetString(5),
        EvidenceHash = reader.GetString(6),
        Criteria = reader.GetString(7),
        OtherEvidence = Text(reader, 8),
        Overridden = reader.GetBoolean(9),
        Reason = Text(reader, 10),
        Operator = reader.GetString(11),
        DatabaseRole = reader.GetString(12),
        Approver = Text(reader, 13),
        ExpiresAt = reader.IsDBNull(14) ? null : reader.GetFieldValue<DateTimeOffset>(14),
        UsedFor = Text(reader, 15),
        Previous = reader.GetString(16),
        Hash = reader.GetString(17),
    };

    private static ApplyFigures ReadFigures(NpgsqlDataReader reader, IReadOnlyList<ActualTableChange> changes) => new(
        reader.GetInt32(0),
        reader.GetInt32(1),
        reader.GetInt32(2),
        reader.GetInt32(3),
        reader.GetInt32(4),
        reader.GetInt32(5),
        reader.GetInt32(6),
        reader.GetInt32(7),
        reader.GetInt32(8),
        reader.GetInt32(9),
        reader.GetString(10),
        reader.GetString(11),
        reader.GetString(12),
        changes)
    {
        EarlierNoEffect = reader.GetInt32(13),
        EarlierFailed = reader.GetInt32(14),
        EarlierUnknown = reader.GetInt32(15),
        PlanTotal = reader.GetInt32(16),
        NeverCalled = reader.GetInt32(17),
    };

    private static ReviewFigures ReadReview(NpgsqlDataReader reader) => new(
        reader.GetInt32(0),
        reader.GetString(1),
        reader.GetBoolean(2),
        reader.GetInt32(3),
        reader.GetInt32(4),
        reader.GetInt32(5),
        reader.GetInt32(6),
        reader.GetInt32(7),
        reader.GetInt32(8),
        reader.GetInt32(9),
        reader.GetBoolean(10),
        reader.IsDBNull(11) ? null : reader.GetFieldValue<DateTimeOffset>(11),
        reader.GetString(12),
        reader.GetString(13),
        reader.IsDBNull(14) ? null : reader.GetInt64(14),
        reader.GetInt32(15),
        reader.GetInt32(16),
        Text(reader, 17));

    private static RunHealth ReadHealth(NpgsqlDataReader reader) => new(
        reader.GetFieldValue<DateTimeOffset>(0),
        reader.GetInt32(1),
        reader.GetInt32(2),
        reader.GetInt32(3),
        reader.GetInt32(4),
        Text(reader, 5),
        Text(reader, 6));

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
