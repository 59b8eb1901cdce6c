namespace Backfill.Engine.Ledger;

/// <summary>What triggers on a run's tables write elsewhere: no image holds it.</summary>
internal static class OtherWrites
{
    /// <param name="found">Table, trigger and function of each.</param>
    /// <returns>A warning that names them.</returns>
    public static string Warning(IReadOnlyList<string> found) =>
        $"Triggers write elsewhere when these tables change, and a rollback can't undo that: {Names(found)}.";

    /// <param name="held">Table, trigger and function of each that a rollback holds.</param>
    /// <returns>A warning that names them.</returns>
    public static string Held(IReadOnlyList<string> held) =>
        $"The rollback holds these triggers, so what they write to (an audit table, for example) won't know of it: {Names(held)}. -FireTriggers lets those fire that come after the rows.";

    private static string Names(IReadOnlyList<string> found) =>
        string.Join("; ", found.Select(f => f.Replace("\"", "", StringComparison.Ordinal)));
}
