using System.Text.Json;
using Backfill.Engine.Ledger;
using Npgsql;

namespace Backfill.Engine.Gates.Store;

/// <summary>
/// Compares a run's rows as they are now with what the run left. What can't be compared is told as that, and is no error.
/// </summary>
internal sealed class RowComparison(NpgsqlDataSource dataSource)
{
    /// <summary>So many rows are named.</summary>
    private const int Named = 3;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <returns>Null where the run has not ended, or is not there.</returns>
    public async Task<ComparedRows?> ReadAsync(Guid runId, CancellationToken cancellationToken)
    {
        var target = await ReadTargetAsync(runId, cancellationToken).ConfigureAwait(false);
        if (target is not { } found || !GateStanding.HasEnded(found.State))
            return null;
        try
        {
            return await FindLostAsync(found.Shape, cancellationToken).ConfigureAwait(false) is { } lost
                ? ComparedRows.NotMeasured(lost)
                : await CompareAsync(runId, found.Shape, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException e) when (!PassingFailures.Is(e))
        {
            return ComparedRows.NotMeasured($"{e.MessageText} (SQLSTATE {e.SqlState})");
        }
    }

    private async Task<(BackfillRunState State, TargetShape Shape)?> ReadTargetAsync(Guid runId, CancellationToken cancellationToken)
    {
        var rows = await RowsAsync(
            SqlText.Load("Gates/Store/read_target"),
            [runId],
            r => (Enum.Parse<BackfillRunState>(r.GetString(0)), JsonSerializer.Deserialize<TargetShape>(r.GetString(1), Json)!),
            cancellationToken).ConfigureAwait(false);
        return rows is [var row] ? row : null;
    }

    /// <summary>What has gone of the tables, or is another; null where nothing has. A rollback is refused then.</summary>
    private async Task<string?> FindLostAsync(TargetShape shape, CancellationToken cancellationToken)
    {
        var now = await RowsAsync(
            SqlText.Load("Apply/Freeze/read_shape"),
            [SqlValue.Texts(shape.Tables.Select(t => SqlText.Quote(t.Name)))],
            r => (Columns: JsonSerializer.Deserialize<List<ColumnShape>>(r.GetString(2), Json)!, Key: r.GetFieldValue<string[]>(3), IsThere: r.GetBoolean(1)),
            cancellationToken).ConfigureAwait(false);
        return shape.Tables.Zip(now, (t, n) =>
            !n.IsThere ? $"the table {t.Name} is gone"
            : t.Columns.FirstOrDefault(c => n.Columns.TrueForAll(o => o.Name != c.Name)) is { } gone ? $"the column {gone.Name} of {t.Name} is gone"
            : t.Columns.FirstOrDefault(c => !n.Columns.Contains(c)) is { } other ? $"the column {other.Name} of {t.Name} has another type"
            : !n.Key.SequenceEqual(t.Key) ? $"the primary key of {t.Name} is another"
            : null).FirstOrDefault(l => l is not null);
    }

    private async Task<ComparedRows> CompareAsync(Guid runId, TargetShape shape, CancellationToken cancellationToken)
    {
        var sessions = await RowsAsync(
            SqlText.Load("Gates/Store/read_worked_on"),
            [runId],
            r => (Ids: r.GetFieldValue<Guid[]>(0), Settled: r.GetFieldValue<bool[]>(1)),
            cancellationToken).ConfigureAwait(false);
        var (ids, settled) = sessions[0];
        if (shape.Tables.Count == 0)
            return new(0, 0, []);
        var found = await RowsAsync(
            Sql(shape),
            [runId, SqlValue.Uuids(ids), settled, Named],
            r => (Changed: r.GetInt64(0), InConflict: r.GetInt64(1), Row: new ComparedRow(r.GetGuid(2), r.GetString(3), r.GetString(4))),
            cancellationToken).ConfigureAwait(false);
        return found.Count == 0 ? new(0, 0, []) : new(found[0].Changed, found[0].InConflict, [.. found.Select(f => f.Row)]);
    }

    private async Task<IReadOnlyList<T>> RowsAsync<T>(
        string sql, object?[] values, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        await using var batch = await LedgerBatch.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
        return await batch.Slow().AddBefore(SqlText.Load("Rollback/Store/long_transaction")).Add(sql, values)
            .QueryRowsAsync(read, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The comparison for a run's tables.</summary>
    public static string Sql(TargetShape shape) => SqlText.Load("Gates/Store/find_changed")
        .Replace("{{rows}}", string.Join("    union all\n", shape.Tables.Select(Rows)), StringComparison.Ordinal);

    private static string Rows(TableShape table) => SqlText.Load("Gates/Store/rows_of_table")
        .Replace("{{name}}", SqlText.Literal(table.Name), StringComparison.Ordinal)
        .Replace("{{key}}", Columns(table.Key), StringComparison.Ordinal)
        .Replace("{{columns}}", Columns(table.Columns.Select(c => c.Name)), StringComparison.Ordinal)
        .Replace("{{table}}", SqlText.Quote(table.Name), StringComparison.Ordinal)
        .Replace("{{session_column}}", SqlText.Quote(table.SessionColumn), StringComparison.Ordinal);

    private static string Columns(IEnumerable<string> names) => string.Join(", ", names.Select(n => $"cur.{SqlText.Quote(n)}"));
}
