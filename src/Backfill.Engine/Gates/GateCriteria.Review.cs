using Backfill.Engine.Reports.Apply;

namespace Backfill.Engine.Gates;

/// <content>The gate between the sessions of a run.</content>
internal static partial class GateCriteria
{
    private static IEnumerable<BackfillGateCriterion> Review(GateFacts facts, BackfillPlan? plan)
    {
        if (BatchReviews.Current(facts) is not { } r)
        {
            yield return new("Settled", "every session up to a review", "the run has no review", false);
            yield break;
        }

        var a = facts.Apply;
        yield return new(
            "Settled",
            Text($"{r.Total} of {r.Total} sessions, after {r.Name}"),
            Text($"{r.Total - r.Remaining} of {r.Total} sessions: {r.Succeeded} succeeded, {r.Skipped} skipped"),
            r.Remaining == 0);
        yield return AtMost("Failed", plan?.MaxFailed ?? 0, r.Failed, a.EarlierFailed);
        yield return AtMost("NoEffect", plan?.MaxNoEffect ?? 0, r.NoEffect, a.EarlierNoEffect);
        yield return AtMost("Unknown", plan?.MaxUnknown ?? 0, r.Unknown, a.EarlierUnknown);
        yield return ChangesSoFar(a, plan);
        yield return new(
            "RolledBack", "no session", a.RolledBack == 0 ? "none" : Text($"{a.RolledBack} sessions"), a.RolledBack == 0);
        yield return Latency(r);
        yield return new(
            "Guard",
            "for information",
            r.GuardHolds == 0
                ? "the target was well all the time"
                : Text($"held {CountText.Of(r.GuardHolds, "time")}, last because {r.GuardReason}"),
            true);
    }

    /// <summary>The figures of the plan are for all of its sessions: so far there may be fewer, and never more.</summary>
    private static BackfillGateCriterion ChangesSoFar(ApplyFigures figures, BackfillPlan? plan)
    {
        const string name = "ExpectedChanges";
        const string expected = "no figure over the plan's";
        if (plan is null)
            return new(name, expected, "the plan can't be read", false);
        var tables = ChangeVerification.Compare(plan.ExpectedChanges, figures.Changes).Tables;
        if (tables.Count == 0)
            return new(name, expected, "the plan expects no figures", null);
        return new(
            name,
            expected,
            string.Join("; ", tables.Select(SoFar)),
            tables.All(t => IsWithin(t.Expected.NewRows, t.NewRows) && IsWithin(t.Expected.UpdatedRows, t.UpdatedRows)
                && IsWithin(t.Expected.DeletedRows, t.DeletedRows)));
    }

    private static string SoFar(TableVerification table)
    {
        var figures = new[]
        {
            Part("new rows", table.Expected.NewRows, table.NewRows),
            Part("updated rows", table.Expected.UpdatedRows, table.UpdatedRows),
            Part("deleted rows", table.Expected.DeletedRows, table.DeletedRows),
        };
        return $"{table.Expected.Table}: {string.Join(", ", figures.OfType<string>())}";
    }

    private static string? Part(string what, int? expected, int actual) => expected is null ? null : Text($"{actual} of {expected} {what}");

    private static bool IsWithin(int? expected, int actual) => expected is null || actual <= expected;

    /// <summary>For the person who decides: no latency is too long by itself.</summary>
    private static BackfillGateCriterion Latency(ReviewFigures review) => new(
        "Latency",
        "for information",
        review.MedianMs is { } median ? Text($"median {median} ms, of {CountText.Of(review.Calls, "call")}") : "no call was measured",
        true);
}
