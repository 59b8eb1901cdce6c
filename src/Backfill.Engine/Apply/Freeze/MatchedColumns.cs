using Backfill.Engine.Ledger;
using Backfill.Engine.Plans;
using Npgsql;

namespace Backfill.Engine.Apply.Freeze;

/// <summary>How the values that a plan gives are compared with what a target's columns hold. Reads only.</summary>
internal sealed class MatchedColumns
{
    private readonly Dictionary<(string Table, string Column), MatchedColumn> _columns = [];

    private MatchedColumns()
    {
    }

    /// <summary>Reads the columns' types, and finds which of the values are equal.</summary>
    /// <exception cref="BackfillException"><c>PlanValueInvalid</c>: a value can't be one of its column.</exception>
    public static async Task<MatchedColumns> ReadAsync(
        NpgsqlDataSource dataSource, IEnumerable<MatchedValue> values, CancellationToken cancellationToken)
    {
        var found = new MatchedColumns();
        var wanted = values.GroupBy(v => (v.Table, v.Column)).ToList();
        if (wanted.Count == 0)
            return found;
        await using var batch = await LedgerBatch.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
        batch.Add(
            SqlText.Load("Apply/Freeze/read_matched"),
            SqlValue.Texts(wanted.Select(w => SqlText.Quote(w.Key.Table))),
            SqlValue.Texts(wanted.Select(w => w.Key.Column)));
        var types = await batch.QueryRowsAsync(
            r => r.IsDBNull(0) ? default : (Type: r.GetString(0), Sign: r.GetString(1), IsText: r.GetBoolean(2)),
            cancellationToken).ConfigureAwait(false);
        foreach (var (column, (type, sign, isText)) in wanted.Zip(types).Where(c => c.Second.Type is not null))
        {
            var texts = column.Select(v => v.Text).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
            var equal = isText || texts.Count == 0
                ? texts
                : await FindEqualAsync(dataSource, column.Key, type, sign, texts, cancellationToken).ConfigureAwait(false);
            found._columns[column.Key] = new(
                column.Key.Column, type, sign, texts.Zip(equal).ToDictionary(p => p.First, p => p.Second, StringComparer.Ordinal));
        }

        return found;
    }

    /// <summary>Every value that a plan gives for a column of its tables; those that it expects come first, and name the others.</summary>
    public static IEnumerable<MatchedValue> Of(BackfillPlan plan, Footprint footprint) =>
        plan.ExpectedChanges.Tables.SelectMany(t => t.Match.Select(m => new MatchedValue(t.QualifiedTable, m.Column, m.Value)))
            .Concat(plan.Batches.SelectMany(b => b.Operations).SelectMany(o => Of(o, footprint)));

    /// <summary>The values of the row that an operation is to leave.</summary>
    public static IEnumerable<MatchedValue> Of(PlanOperation operation, Footprint footprint)
    {
        var function = footprint.Of(operation.Function);
        return function.Proof.Select(m => new MatchedValue(function.ProofTable, m.Column, m.Value(operation.Params)));
    }

    /// <summary>The columns of a table whose text does not tell what is equal.</summary>
    public IReadOnlyList<MatchedColumn> OfTable(string table, IEnumerable<string> columns) =>
    [
        .. columns.Select(c => _columns.GetValueOrDefault((table, c))).OfType<MatchedColumn>()
            .Where(c => c.Type is not ("text" or "character varying")),
    ];

    /// <summary>A condition: a column, as it stands in a statement, equals a text, as it stands there.</summary>
    public string Equal(string table, string name, string column, string text) => _columns.TryGetValue((table, name), out var matched)
        ? $"{column} {matched.EqualSign} {text}::{matched.Type}"
        : $"{column}::text = {text}";

    private static async Task<IReadOnlyList<string>> FindEqualAsync(
        NpgsqlDataSource dataSource,
        (string Table, string Column) column,
        string type,
        string sign,
        List<string> texts,
        CancellationToken cancellationToken)
    {
        try
        {
            await using var batch = await LedgerBatch.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
            batch.Add(
                $"""
                select (
                    select b.text from unnest($1::text[]) with ordinality as b (text, place)
                    where a.text::{type} {sign} b.text::{type} or a.text = b.text
                    order by b.place limit 1)
                from unnest($1::text[]) with ordinality as a (text, place)
                order by a.place
                """,
                SqlValue.Texts(texts));
            return await batch.QueryRowsAsync(r => r.GetString(0), cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException e) when (e.SqlState.StartsWith("22", StringComparison.Ordinal))
        {
            throw new BackfillException(
                "PlanValueInvalid",
                BackfillErrorKind.InvalidInput,
                $"The plan's value for {column.Table}.{column.Column}, which is of type {type}, can't be one: {e.MessageText}. Nothing was called. Correct 'match' or the params in the plan.",
                $"{column.Table}.{column.Column}",
                e);
        }
    }
}

/// <summary>A value that a plan gives for a column.</summary>
/// <param name="Table">Schema and table.</param>
/// <param name="Column">The column.</param>
/// <param name="Text">The value; null where the params do not name it.</param>
internal sealed record MatchedValue(string Table, string Column, string? Text);
