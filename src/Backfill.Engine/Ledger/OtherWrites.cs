namespace Backfill.Engine.Ledger;

/// <summary>What triggers on a run's tables write elsewhere: no image holds it.</summary>
internal static class OtherWrites
{
    /// <param name="found">Table, trigger and function of each.</param>
    /// <returns>A warning that names them.</returns>
    public static string Warning(IReadOnlyList<string> found) =>
        $"Triggers write elsewhere when these tables change, and a rollback can't undo that: {string.Join("; ", found.Select(f => f.Replace("\"", "", StringComparison.Ordinal)))}.";
}
