namespace Backfill;

/// <summary>What came of reading a plan file: a plan, or the errors that stand in its way.</summary>
/// <param name="Path">The file, as a full path.</param>
/// <param name="Plan">The plan; null if there is an error among the problems.</param>
/// <param name="Problems">Everything found, warnings too, in the file's order.</param>
public sealed record PlanReading(string Path, BackfillPlan? Plan, ItemList<BackfillPlanProblem> Problems)
{
    /// <summary>The plan, for callers that can do nothing without one.</summary>
    /// <returns>The plan.</returns>
    /// <exception cref="PlanException">
    /// <see cref="PlanCodes.NotJson"/>: the file could not be taken apart; <see cref="PlanCodes.Invalid"/>: it breaks rules.
    /// </exception>
    public BackfillPlan Require() => Plan ?? throw new PlanException(
        Problems.Any(p => IsSyntax(p.Code)) ? PlanCodes.NotJson : PlanCodes.Invalid, Path, Problems);

    private static bool IsSyntax(string code) => code
        is PlanCodes.NotJson or PlanCodes.NotUtf8 or PlanCodes.Empty or PlanCodes.TooDeep or PlanCodes.TooManyValues;
}
