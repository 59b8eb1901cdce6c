namespace Backfill.Engine.Ledger;

/// <summary>The statements that read a run's target tables, built once for their shape.</summary>
internal sealed class TargetSql
{
    private readonly string _rows;
    private readonly string _facts = SqlText.Load("Apply/Claim/facts");

    public TargetSql(TargetShape shape)
    {
        _rows = string.Join("    union all\n", shape.Tables.Select(Rows));
        Claim = Build("Apply/Claim/claim");
        BeginAttempt = Build("Apply/Call/begin_attempt");
        Observe = Both("Apply/Call/observe");
        Checkpoint = Both("Apply/Settle/checkpoint");
        Images = Build("Ledger/read_images");
    }

    public string Claim { get; }

    public string BeginAttempt { get; }

    public string Images { get; }

    public Locking Observe { get; }

    public Locking Checkpoint { get; }

    private static string Rows(TableShape table) => SqlText.Load("Apply/Claim/rows_of_table")
        .Replace("{{name}}", SqlText.Literal(table.Name), StringComparison.Ordinal)
        .Replace("{{key}}", Columns(table.Key), StringComparison.Ordinal)
        .Replace("{{columns}}", Columns(table.Columns.Select(c => c.Name)), StringComparison.Ordinal)
        .Replace("{{recorded}}", string.Join(", ", table.Recorded.Select(c => Recorded(table, c))), StringComparison.Ordinal)
        .Replace("{{table}}", SqlText.Quote(table.Name), StringComparison.Ordinal)
        .Replace("{{session_column}}", SqlText.Quote(table.SessionColumn), StringComparison.Ordinal);

    private static string Columns(IEnumerable<string> names) =>
        string.Join(", ", names.Select(n => $"backfill_row.{SqlText.Quote(n)}"));

    /// <summary>A column's text; one that equals a value of the plan is read as that value.</summary>
    private static string Recorded(TableShape table, string column)
    {
        var name = $"backfill_row.{SqlText.Quote(column)}";
        var matched = table.Matched?.FirstOrDefault(c => c.Name == column);
        var values = matched?.Values.Values.Distinct(StringComparer.Ordinal).Select(v =>
            $"when {name} {matched.EqualSign} {SqlText.Literal(v)}::{matched.Type} then {SqlText.Literal(v)} ").ToList() ?? [];
        return values.Count == 0
            ? $"{SqlText.Literal(column)}, {name}::text"
            : $"{SqlText.Literal(column)}, case {string.Concat(values)}else {name}::text end";
    }

    private Locking Both(string name) => new(Build(name), Build(name, "skip locked"));

    private string Build(string name, string wait = "") => SqlText.Load(name)
        .Replace("{{held}}", SqlText.Load("Apply/Claim/held"), StringComparison.Ordinal)
        .Replace("{{wait}}", wait, StringComparison.Ordinal)
        .Replace("{{rows}}", _rows, StringComparison.Ordinal)
        .Replace("{{facts}}", _facts, StringComparison.Ordinal);
}

/// <summary>A statement that locks claims.</summary>
/// <param name="Waiting">Waits for a claim whose row somebody else has locked.</param>
/// <param name="AtOnce">Leaves such a claim out.</param>
internal sealed record Locking(string Waiting, string AtOnce);
