using System.Globalization;
using System.Text;

namespace Backfill.Engine.Rollback.Script;

/// <summary>
/// The comment at the head of a script. What is known only at its end has a fixed width, so that the head can be written again
/// over itself.
/// </summary>
internal sealed class ScriptHeader(ScriptFacts facts, RollbackOrder order)
{
    /// <summary>The SQL editor of Supabase refuses a query of 1 MB.</summary>
    private const long EditorLimit = 1_000_000;

    private const int SizeWidth = 100;

    public string ToSql(ScriptCounts counts, long bytes) => ScriptSql.Load("header")
        .Replace("{{run}}", order.Selection.RunId.ToString(), StringComparison.Ordinal)
        .Replace("{{plan_version}}", Plain(facts.PlanVersion), StringComparison.Ordinal)
        .Replace("{{plan_sha256}}", facts.PlanSha256, StringComparison.Ordinal)
        .Replace("{{target}}", Plain(facts.Target), StringComparison.Ordinal)
        .Replace("{{install_id}}", facts.InstallId.ToString(), StringComparison.Ordinal)
        .Replace("{{run_state}}", facts.RunState, StringComparison.Ordinal)
        .Replace("{{run_window}}", Window(), StringComparison.Ordinal)
        .Replace("{{selection}}", Selection(), StringComparison.Ordinal)
        .Replace("{{sessions}}", Text(facts.Sessions), StringComparison.Ordinal)
        .Replace("{{unsettled}}", Text(facts.Unsettled), StringComparison.Ordinal)
        .Replace("{{written_at}}", Text(facts.WrittenAt), StringComparison.Ordinal)
        .Replace("{{operator}}", Plain(order.Operator), StringComparison.Ordinal)
        .Replace("{{rollback_id}}", order.RollbackId.ToString(), StringComparison.Ordinal)
        .Replace("{{reason}}", Plain(order.Reason ?? "-"), StringComparison.Ordinal)
        .Replace("{{triggers}}", Triggers(), StringComparison.Ordinal)
        .Replace("{{counts}}", Counts(counts), StringComparison.Ordinal)
        .Replace("{{size}}", Size(bytes), StringComparison.Ordinal);

    /// <summary>Those that would fire for what is done are held.</summary>
    private string Triggers() => facts.OtherWriters.Count == 0
        ? "none that writes elsewhere"
        : $"held where they would fire, so that what they write to won't know of it: {Plain(string.Join("; ", facts.OtherWriters))}";

    private static string Size(long bytes) => (bytes < EditorLimit
        ? $"{Text(bytes)} bytes: Supabase's SQL editor takes it (less than 1 MB)"
        : $"{Text(bytes)} bytes: FOR PSQL ONLY, Supabase's SQL editor takes less than 1 MB").PadRight(SizeWidth) + ".";

    private string Counts(ScriptCounts counts) => string.Join('\n', facts.Tables.Select((table, i) => string.Create(
        CultureInfo.InvariantCulture,
        $"--   {Plain(table),-45} {counts[i + 1].ToDelete,12} {counts[i + 1].ToRestore,12} {counts[i + 1].ToReinsert,12}")));

    private string Window() =>
        $"started {Text(facts.StartedAt)}, {(facts.FinishedAt is { } end ? $"finished {Text(end)}" : "not finished")}";

    private string Selection()
    {
        var selection = order.Selection;
        if (selection.IsWholeRun)
            return "the whole run";
        var parts = new[]
        {
            selection.Sessions is { } named ? $"{Text(named.Count)} sessions by name" : null,
            selection.After is { } after ? $"begun at {Text(after)} or later" : null,
            selection.Before is { } before ? $"begun before {Text(before)}" : null,
        };
        return string.Join(", ", parts.Where(p => p is not null));
    }

    private static string Text(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Text(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "-";

    /// <summary>
    /// A comment must end where it ends, and be legible to a psql that does not speak UTF-8 yet: other characters become
    /// question marks here. Operator and reason stand in full where the request is written.
    /// </summary>
    public static string Plain(string text) =>
        new StringBuilder(text.Length).AppendJoin(null, text.Select(c => c is >= ' ' and < '\x7f' ? c : '?')).ToString();
}
