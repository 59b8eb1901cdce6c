using Backfill.Engine.Apply.Freeze;
using Backfill.Engine.Connections;
using Backfill.Engine.Ledger;
using Backfill.Engine.Plans;
using Npgsql;

namespace Backfill.Engine.Rollback.Timestamp;

/// <summary>A table that proves a function's work, as the catalog knows it.</summary>
/// <param name="Name">Schema and table.</param>
/// <param name="SessionColumn">The column that holds the session.</param>
/// <param name="SessionType">Its type.</param>
/// <param name="Proofs">Conditions of the rows that the functions leave, for each kind of call.</param>
/// <param name="TimeColumns">The columns that say when a row was written.</param>
/// <param name="Cascades">What a DELETE would take along, in words.</param>
internal sealed record TimestampTable(
    string Name,
    string SessionColumn,
    string SessionType,
    IReadOnlyList<IReadOnlyList<string>> Proofs,
    IReadOnlyList<string> TimeColumns,
    IReadOnlyList<string> Cascades);

/// <summary>What a script by version and time is written for.</summary>
/// <param name="Install">The ledger's account of the target.</param>
/// <param name="Database">The database's name.</param>
/// <param name="Tables">The tables.</param>
internal sealed record TimestampTarget(LedgerInstall Install, string Database, IReadOnlyList<TimestampTable> Tables)
{
    /// <exception cref="BackfillException"><c>TimestampUnusable</c>.</exception>
    public static async Task<TimestampTarget> ReadAsync(
        NpgsqlDataSource dataSource, TimestampRollback rollback, CancellationToken cancellationToken)
    {
        var install = await new LedgerInstaller(dataSource).ReadAsync(cancellationToken).ConfigureAwait(false)
            ?? throw new BackfillException(
                "LedgerNotInstalled",
                BackfillErrorKind.NotInstalled,
                "No ledger is installed in this database, so the script could not be bound to it. Initialize-BackfillLedger installs it.");
        var footprint = Footprint.For(rollback.Plan);
        var matched = await MatchedColumns
            .ReadAsync(dataSource, MatchedColumns.Of(rollback.Plan, footprint), cancellationToken).ConfigureAwait(false);
        var proofs = Proofs(rollback.Plan, footprint, matched);
        var tables = footprint.Tables.Where(t => proofs.Contains(t.Name)).ToList();
        await using var batch = await LedgerBatch.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
        batch.Add(
            SqlText.Load("Rollback/Timestamp/read_tables"),
            SqlValue.Texts(tables.Select(t => SqlText.Quote(t.Name))),
            SqlValue.Texts(tables.Select(t => t.SessionColumn)));
        await using var reader = await batch.ReadAsync(cancellationToken).ConfigureAwait(false);
        var found = new List<TimestampTable>();
        foreach (var table in tables)
        {
            await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            found.Add(Read(reader, table, [.. proofs[table.Name]]));
        }

        return new(install, dataSource.DatabaseName(), found);
    }

    private static TimestampTable Read(
        NpgsqlDataReader row, TableFootprint table, IReadOnlyList<IReadOnlyList<string>> proofs)
    {
        if (!row.GetBoolean(0) || row.IsDBNull(1))
            throw Unusable(table.Name, $"{table.Name} with a column {table.SessionColumn} is not there");
        var times = row.GetFieldValue<string[]>(2);
        return times.Length > 0
            ? new(table.Name, table.SessionColumn, row.GetString(1), proofs, times, row.GetFieldValue<string[]>(3))
            : throw Unusable(table.Name, $"{table.Name} has none of the columns created_at, updated_at and computed_at");
    }

    /// <summary>By table: what each call of the plan is to leave there.</summary>
    private static ILookup<string, IReadOnlyList<string>> Proofs(BackfillPlan plan, Footprint footprint, MatchedColumns matched) =>
        plan.Batches.SelectMany(b => b.Operations)
            .DistinctBy(o => (o.Function, o.Params.Json))
            .Select(o => (Function: footprint.Of(o.Function), o.Params))
            .ToLookup(
                o => o.Function.ProofTable,
                o => (IReadOnlyList<string>)[.. o.Function.Proof.Select(m => matched.Equal(
                    o.Function.ProofTable, m.Column, $"t.{SqlText.Quote(m.Column)}", SqlText.Literal(m.Value(o.Params)
                        ?? throw Unusable(o.Function.Function, $"the plan calls {o.Function.Function} without {m.Param}, so its rows can't be told from others"))))],
                StringComparer.Ordinal);

    private static BackfillException Unusable(string target, string what) => new(
        "TimestampUnusable",
        BackfillErrorKind.InvalidInput,
        $"A rollback by version and time can't be written: {what}. Correct the plan, or use -Strategy Image.",
        target);
}

/// <summary>What a data source says of its database.</summary>
file static class DataSources
{
    public static string DatabaseName(this NpgsqlDataSource dataSource) =>
        new NpgsqlConnectionStringBuilder(dataSource.ConnectionString).Database ?? "";
}
