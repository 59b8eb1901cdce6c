namespace Backfill.PowerShell.Questions;

/// <summary>A rollback in words, for questions and previews.</summary>
internal static class RollbackWords
{
    public static string Of(RollbackSelection selection, RollbackLook look) => selection.IsWholeRun
        ? $"run {selection.RunId}"
        : $"{CountText.Of(look.Sessions.Count, "session")} of run {selection.RunId}{Window(selection)}";

    private static string Window(RollbackSelection selection) =>
        (selection.After is { } after ? FormattableString.Invariant($", started at {after.UtcDateTime:u} or later") : "")
        + (selection.Before is { } before ? FormattableString.Invariant($", started before {before.UtcDateTime:u}") : "");

    public static string Of(RollbackTable table) => FormattableString.Invariant(
        $"{table.Table}: delete {table.ToDelete}, restore {table.ToRestore}, reinsert {table.ToReinsert}, leave {table.Conflicts} in conflict");

    /// <summary>The tables that have rows to undo, and then all of them together.</summary>
    public static string Counts(RollbackLook look)
    {
        var tables = Touched(look).Select(Of).ToList();
        return tables.Count switch
        {
            0 => "No row is left to undo.",
            1 => tables[0],
            _ => $"{string.Join('\n', tables)}\n{Total(look)}",
        };
    }

    public static IEnumerable<RollbackTable> Touched(RollbackLook look) =>
        look.Tables.Where(t => t.ToDelete + t.ToRestore + t.ToReinsert + t.Conflicts > 0);

    private static string Total(RollbackLook look) => FormattableString.Invariant(
        $"In all: delete {look.Tables.Sum(t => t.ToDelete)}, restore {look.Tables.Sum(t => t.ToRestore)}, reinsert {look.Tables.Sum(t => t.ToReinsert)}, leave {look.Tables.Sum(t => t.Conflicts)} in conflict");
}
