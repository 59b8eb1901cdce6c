using System.Collections;

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
        return Lines(gate.Criteria);
    }

    /// <summary>Criteria, a line each, those that are not met first; of a gate's copy, the lines as they were.</summary>
    /// <param name="criteria">The criteria.</param>
    /// <returns>The lines.</returns>
    public static string Lines(IEnumerable? criteria) => string.Join('\n', (criteria ?? Array.Empty<object>()).Cast<object>()
        .OrderBy(
            c => c is BackfillGateCriterion criterion ? criterion.Passed switch { false => 0, null => 1, true => 2 } : OrderOf($"{c}")));

    /// <summary>A copy has a criterion's text only.</summary>
    private static int OrderOf(string line) =>
        line.StartsWith("[met]", StringComparison.Ordinal) ? 2 : line.StartsWith("[NOT MET]", StringComparison.Ordinal) ? 0 : 1;
}
