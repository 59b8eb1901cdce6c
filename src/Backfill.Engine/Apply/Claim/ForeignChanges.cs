using Backfill.Engine.Apply.Settle;
using Backfill.Engine.Plans;

namespace Backfill.Engine.Apply.Claim;

/// <summary>Tells rows that somebody else changed from rows that our calls did. Pure.</summary>
public static class ForeignChanges
{
    /// <summary>Changes since the last look that no call of ours explains.</summary>
    /// <param name="rows">The session's rows.</param>
    /// <param name="written">The tables that calls since that look may have written.</param>
    /// <returns>The rows that somebody else changed.</returns>
    public static IReadOnlyList<RowFact> Outside(IEnumerable<RowFact> rows, IReadOnlyCollection<string> written) =>
        [.. rows.Where(r => r.HasChangedSinceLook && !written.Contains(r.Table))];

    /// <summary>
    /// Changes found by a later claim. After an attempt that did not settle, a change that is the expected effect
    /// counts as ours; anything else is somebody else's.
    /// </summary>
    /// <param name="claim">The later claim.</param>
    /// <param name="operations">The operations of its batch.</param>
    /// <param name="footprint">What functions touch.</param>
    /// <returns>The rows that somebody else changed.</returns>
    public static IReadOnlyList<RowFact> AtClaim(
        ClaimedSession claim, IReadOnlyList<PlanOperation> operations, Footprint footprint)
    {
        var explained = operations
            .Where(o => claim.Earlier.Any(e => e.Position == o.Position && e.Outcome is null or BackfillOutcome.Unknown))
            .Where(o => Verifier.Prove(o, footprint, claim.Rows) == Proof.Proven)
            .SelectMany(o => footprint.Of(o.Function).Writes)
            .ToHashSet(StringComparer.Ordinal);
        return Outside(claim.Rows, explained);
    }
    /// <summary>
    /// Changes found when a session is settled: those that were seen before, as their rows are now; otherwise those that the
    /// session's last call doesn't explain.
    /// </summary>
    /// <param name="traces">The session's operations in order.</param>
    /// <param name="footprint">What functions touch.</param>
    /// <param name="rows">The session's rows, read back.</param>
    /// <param name="seen">The rows that somebody else has been seen to change.</param>
    /// <returns>The rows that somebody else changed; one that is gone as it was seen.</returns>
    public static IReadOnlyList<RowFact> AtSettlement(
        IReadOnlyList<OperationTrace> traces, Footprint footprint, IReadOnlyList<RowFact> rows, IReadOnlyList<RowFact> seen)
    {
        if (seen.Count > 0)
            return [.. seen.Select(s => rows.FirstOrDefault(r => r.Table == s.Table && r.Key == s.Key) ?? s)];
        var called = traces.LastOrDefault(t => t.MayHaveWritten);
        return Outside(rows, called is null ? [] : [.. footprint.Of(called.Operation.Function).Writes]);
    }
}
