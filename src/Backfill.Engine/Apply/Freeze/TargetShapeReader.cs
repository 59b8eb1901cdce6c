using System.Text.Json;
using Backfill.Engine.Ledger;
using Backfill.Engine.Plans;
using Npgsql;

namespace Backfill.Engine.Apply.Freeze;

/// <summary>Reads what a run's target tables are now.</summary>
internal static class TargetShapeReader
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static async Task<TargetShape> ReadAsync(
        NpgsqlDataSource dataSource, BackfillPlan plan, Footprint footprint, CancellationToken cancellationToken)
    {
        var matched = await MatchedColumns.ReadAsync(dataSource, MatchedColumns.Of(plan, footprint), cancellationToken)
            .ConfigureAwait(false);
        await using var batch = await LedgerBatch.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
        batch.Add(SqlText.Load("Apply/Freeze/read_shape"), SqlValue.Texts(footprint.Tables.Select(t => SqlText.Quote(t.Name))));
        await using var reader = await batch.ReadAsync(cancellationToken).ConfigureAwait(false);
        var tables = new List<TableShape>();
        foreach (var table in footprint.Tables)
        {
            await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (reader.GetBoolean(1))
                tables.Add(Read(reader, table, Recorded(table, plan, footprint), matched));
            else if (!table.IsOptional)
                throw Missing(table.Name, $"the table {table.Name} is not there");
        }

        return new(tables);
    }

    private static TableShape Read(NpgsqlDataReader reader, TableFootprint table, List<string> recorded, MatchedColumns matched)
    {
        var columns = JsonSerializer.Deserialize<List<ColumnShape>>(reader.GetString(2), Json)!;
        var key = reader.GetFieldValue<string[]>(3);
        if (key.Length == 0)
            throw Missing(table.Name, $"the table {table.Name} has no primary key, so its rows could not be told apart");
        foreach (var column in recorded.Append(table.SessionColumn).Where(n => columns.TrueForAll(c => c.Name != n)))
            throw Missing(table.Name, $"the table {table.Name} has no column {column}");
        return new(table.Name, table.SessionColumn, key, columns, recorded, matched.OfTable(table.Name, recorded));
    }

    /// <summary>What verification and the plan's expectations look at.</summary>
    private static List<string> Recorded(TableFootprint table, BackfillPlan plan, Footprint footprint) =>
    [
        .. footprint.Functions.Where(f => f.ProofTable == table.Name).SelectMany(f => f.Proof).Select(m => m.Column)
            .Concat(plan.ExpectedChanges.Tables.Where(t => t.QualifiedTable == table.Name).SelectMany(t => t.Match).Select(m => m.Column))
            .Distinct(StringComparer.Ordinal),
    ];

    private static BackfillException Missing(string table, string what) => new(
        "TablesMissing",
        BackfillErrorKind.NotFound,
        $"The target is not as the plan needs it: {what}. Check that this is the right database; Test-BackfillConnection lists what is missing.",
        table);
}
