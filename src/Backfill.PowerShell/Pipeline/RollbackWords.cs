using Backfill.Rollback;

namespace Backfill.PowerShell.Pipeline;

/// <summary>A rollback in words, for questions and previews.</summary>
internal static class RollbackWords
{
    public static string Of(RollbackSelection selection, RollbackLook look) => selection.IsWholeRun
        ? $"run {selection.RunId}"
        : FormattableString.Invariant($"{look.Sessions.Count} sessions of run {selection.RunId}{Window(selection)}");

    private static string Window(RollbackSelection selection) =>
        (selection.After is { } after ? FormattableString.Invariant($", started at {after.UtcDateTime:u} or later") : "")
        + (selection.Before is { } before ? FormattableString.Invariant($", started before {before.UtcDateTime:u}") : "");

    public static string Of(RollbackTable table) => FormattableString.Invariant(
        $"{table.Table}: delete {table.ToDelete}, restore {table.ToRestore}, reinsert {table.ToReinsert}, leave {table.Conflicts} in conflict");

    public static string Counts(RollbackLook look)
    {
        var tables = look.Tables.Where(t => t.ToDelete + t.ToRestore + t.ToReinsert + t.Conflicts > 0).Select(Of).ToList();
        return tables.Count == 0 ? "No row is left to undo." : string.Join('\n', tables);
    }
}
