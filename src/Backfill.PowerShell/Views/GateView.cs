namespace Backfill.PowerShell.Views;

/// <summary>What the views show of a gate.</summary>
public static class GateView
{
    /// <summary>A gate's criteria, a line each, those that are not met first.</summary>
    /// <param name="gate">The gate.</param>
    /// <returns>For example <c>[met] Failed: 0 (expected: at most 0)</c>.</returns>
    public static string Criteria(BackfillGate gate)
    {
        ArgumentNullException.ThrowIfNull(gate);
        return string.Join('\n', gate.Criteria.OrderBy(c => c.Passed switch { false => 0, null => 1, true => 2 }));
    }
}
