using Backfill.Engine.Apply.Settle;
using Backfill.Engine.Plans;

namespace Backfill.Engine.Apply.Claim;

/// <summary>Tells attempts that were only announced from those that may have been sent. Pure.</summary>
public static class Announced
{
    /// <summary>
    /// A first claim announces an attempt of each operation, and calls one after the other. Where its worker died before an
    /// operation had ended well, those after it were never sent.
    /// </summary>
    /// <param name="claim">A later claim.</param>
    /// <param name="operations">The operations of its batch.</param>
    /// <param name="footprint">What functions touch.</param>
    /// <returns>The earlier attempts that were never sent, as far as that can be told and is not known yet.</returns>
    public static IReadOnlyList<EarlierAttempt> NeverSent(
        ClaimedSession claim, IReadOnlyList<PlanOperation> operations, Footprint footprint)
    {
        // A spared one has no ending before the settlement, and stops nothing.
        var called = operations
            .Where(o => !(o.IfMissing && Verifier.IsCurrent(o, footprint, claim.Rows.Where(r => !r.WasWritten))))
            .Select(o => o.Position).ToHashSet();
        var stops = claim.Earlier.GroupBy(e => (e.Fence, e.Position)).Select(g => g.MaxBy(e => e.Attempt)!)
            .Where(e => called.Contains(e.Position) && e.Outcome is null or BackfillOutcome.Failed or BackfillOutcome.Unknown)
            .ToLookup(e => e.Fence);
        return [.. claim.Earlier.Where(e => e.Outcome is null && stops[e.Fence].Any(s => s.Position < e.Position))];
    }
}
