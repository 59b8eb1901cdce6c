using Backfill.Apply;

namespace Backfill.Supabase.Ledger;

/// <summary>The statements that read a run's target tables, built once for their shape.</summary>
internal sealed class TargetSql
{
    private readonly string _rows;
    private readonly string _facts = SqlText.Load("Ledger/facts");
    private readonly string _held = SqlText.Load("Ledger/held");

    public TargetSql(TargetShape shape)
    {
        _rows = string.Join("    union all\n", shape.Tables.Select(Rows));
        Claim = Build("Ledger/claim");
        Observe = Build("Ledger/observe");
        BeginAttempt = Build("Ledger/begin_attempt");
        Checkpoint = Build("Ledger/checkpoint");
    }

    public string Claim { get; }

    public string Observe { get; }

    public string BeginAttempt { get; }

    public string Checkpoint { get; }

    private static string Rows(TableShape table) => SqlText.Load("Ledger/rows_of_table")
        .Replace("{{name}}", SqlText.Literal(table.Name), StringComparison.Ordinal)
        .Replace("{{key}}", Columns(table.Key), StringComparison.Ordinal)
        .Replace("{{recorded}}", string.Join(", ", table.Recorded.Select(Recorded)), StringComparison.Ordinal)
        .Replace("{{table}}", SqlText.Quote(table.Name), StringComparison.Ordinal)
        .Replace("{{session_column}}", SqlText.Quote(table.SessionColumn), StringComparison.Ordinal);

    private static string Columns(IEnumerable<string> names) =>
        string.Join(", ", names.Select(n => $"backfill_row.{SqlText.Quote(n)}"));

    private static string Recorded(string column) =>
        $"{SqlText.Literal(column)}, backfill_row.{SqlText.Quote(column)}::text";

    private string Build(string name) => SqlText.Load(name)
        .Replace("{{held}}", _held, StringComparison.Ordinal)
        .Replace("{{rows}}", _rows, StringComparison.Ordinal)
        .Replace("{{facts}}", _facts, StringComparison.Ordinal);
}
