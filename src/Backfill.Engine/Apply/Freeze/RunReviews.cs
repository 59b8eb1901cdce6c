using Backfill.Engine.Ledger;

namespace Backfill.Engine.Apply.Freeze;

/// <summary>Finds where a new run waits for a review, and says so.</summary>
internal static class RunReviews
{
    /// <summary>The places, in order; what an earlier run has done needs no review.</summary>
    /// <param name="ledger">Knows what earlier runs have done.</param>
    /// <param name="request">What the operator asks for, with a plan.</param>
    /// <param name="sessions">The run's sessions, in order.</param>
    /// <param name="warn">Told where the operator asks for a review and there is none.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <exception cref="BackfillException"><c>ReviewAfterInvalid</c>.</exception>
    public static async Task<IReadOnlyList<ReviewPoint>> FindAsync(
        IRunLedger ledger,
        ApplyRequest request,
        IReadOnlyList<PlannedSession> sessions,
        Action<string> warn,
        CancellationToken cancellationToken)
    {
        var plan = request.Plan!;
        if (request.ReviewAfter is null && !plan.Batches.Any(b => b.Review))
            return [];
        ReviewPoints.RequireMore(plan, request.ReviewAfter, sessions);
        var settled = await ledger.FindPassedOverAsync(plan, null, request.Reprocess, cancellationToken).ConfigureAwait(false);
        var reviews = ReviewPoints.Of(plan, request.ReviewAfter, sessions, settled);
        if (ReviewPoints.Missing(request.ReviewAfter, reviews) is { } missing)
            warn(missing);
        return reviews;
    }

    /// <summary>What is said of one.</summary>
    /// <param name="after">After what, in words.</param>
    public static string Line(string after) =>
        $"Review after {after}: nothing more is called before the gate {BackfillGateName.BatchReview} is approved.";
}
