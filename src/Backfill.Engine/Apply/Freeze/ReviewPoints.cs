using System.Globalization;
using Backfill.Engine.Ledger;

namespace Backfill.Engine.Apply.Freeze;

/// <summary>Where a new run waits for a review. Pure.</summary>
internal static class ReviewPoints
{
    /// <summary>
    /// The places, in order. One with nothing left to do before it, or nothing after it, is none: there is nothing to decide.
    /// </summary>
    /// <param name="plan">The plan; its batches may ask for reviews.</param>
    /// <param name="after">What the operator asks for: a batch, or a number of sessions; null for nothing.</param>
    /// <param name="sessions">The run's sessions, in order.</param>
    /// <param name="settled">Those of them that an earlier run has done.</param>
    public static IReadOnlyList<ReviewPoint> Of(
        BackfillPlan plan, string? after, IReadOnlyList<PlannedSession> sessions, IReadOnlySet<Guid> settled)
    {
        var batch = after is null ? null : BatchOf(plan, after);
        var wanted = plan.Batches.Where(b => b.Review || b == batch).Select(b => b.BatchId).ToHashSet(StringComparer.Ordinal);
        if (wanted.Count == 0 && after is null)
            return [];
        var open = sessions.Where(s => !settled.Contains(s.SessionId)).ToList();
        var points = sessions.Where(s => wanted.Contains(s.BatchId))
            .GroupBy(s => s.BatchId, StringComparer.Ordinal)
            .Where(b => open.Exists(s => s.BatchId == b.Key))
            .Select(b => new ReviewPoint(b.Max(s => s.Ordinal), $"batch {b.Key}"))
            .ToList();
        if (after is not null && batch is null && CountOf(after) is { } count && count <= open.Count)
            points.Add(new(open[count - 1].Ordinal, CountText.Of(count, "session")));
        var kept = new List<ReviewPoint>();
        foreach (var point in points.OrderBy(p => p.AfterOrdinal))
        {
            var before = kept.Count == 0 ? 0 : kept[^1].AfterOrdinal;
            if (open.Exists(s => s.Ordinal > before && s.Ordinal <= point.AfterOrdinal) && open.Exists(s => s.Ordinal > point.AfterOrdinal))
                kept.Add(point);
        }

        return kept;
    }

    /// <summary>Throws where a text names neither a batch of the plan nor a number of sessions.</summary>
    /// <exception cref="BackfillException"><c>ReviewAfterInvalid</c>.</exception>
    public static void Check(BackfillPlan plan, string? after)
    {
        if (after is null || BatchOf(plan, after) is not null || CountOf(after) is not null)
            return;
        throw new BackfillException(
            "ReviewAfterInvalid",
            BackfillErrorKind.InvalidInput,
            $"-ReviewAfter {PlanQuote.Of(after)} is neither a batch of the plan nor a number of sessions from 1. Choose a number, or one of its batches: {string.Join(", ", plan.Batches)}.",
            after);
    }

    /// <summary>Throws where the run has no session after the place that the operator names: that review would never come.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="after">What the operator asks for; null for nothing.</param>
    /// <param name="sessions">The run's sessions, in order.</param>
    /// <exception cref="BackfillException"><c>ReviewAfterInvalid</c>.</exception>
    public static void RequireMore(BackfillPlan plan, string? after, IReadOnlyList<PlannedSession> sessions)
    {
        if (after is null)
            return;
        var hasMore = BatchOf(plan, after) is { } batch
            ? sessions.Count == 0 || sessions[^1].BatchId != batch.BatchId
            : CountOf(after) < sessions.Count;
        if (hasMore)
            return;
        throw new BackfillException(
            "ReviewAfterInvalid",
            BackfillErrorKind.InvalidInput,
            $"-ReviewAfter {after} would never come: no session follows it in this run of {CountText.Of(sessions.Count, "session")}. Name an earlier batch, or a smaller number.",
            after);
    }

    /// <summary>What is said where the operator asked for a review and the run has none; null where it has one.</summary>
    public static string? Missing(string? after, IReadOnlyList<ReviewPoint> points) => after is null || points.Count > 0 ? null
        : $"-ReviewAfter {after} makes no review: earlier runs have done all sessions up to there, or all that follow.";

    private static PlanBatch? BatchOf(BackfillPlan plan, string after) =>
        plan.Batches.FirstOrDefault(b => b.BatchId.Equals(after, StringComparison.OrdinalIgnoreCase));

    private static int? CountOf(string after) =>
        int.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0 ? count : null;
}
