using System.Globalization;
using Backfill.Engine.Reports.Apply;

namespace Backfill.Engine.Gates;

/// <summary>What each gate is judged by. Pure.</summary>
internal static partial class GateCriteria
{
    public static IReadOnlyList<BackfillGateCriterion> Of(GateFacts facts, BackfillGateName gate, BackfillPlan? plan) => gate switch
    {
        BackfillGateName.ApplyReview => [Plan(facts, plan), .. Apply(facts, plan)],
        BackfillGateName.BatchReview => [Plan(facts, plan), .. Review(facts, plan)],
        BackfillGateName.SoakGoNoGo => [Plan(facts, plan), .. Soak(facts, plan)],
        _ => [Plan(facts, plan), Health(facts)],
    };

    private static BackfillGateCriterion Plan(GateFacts facts, BackfillPlan? plan)
    {
        var actual = GateChain.HashOf(facts.Document);
        return new(
            "Plan",
            "the plan that the run was begun with",
            actual != facts.PlanHash ? $"changed: its SHA-256 is {actual}"
                : plan is null ? "it can't be read by this version of the module"
                : "the same",
            actual == facts.PlanHash && plan is not null);
    }

    private static IEnumerable<BackfillGateCriterion> Apply(GateFacts facts, BackfillPlan? plan)
    {
        var a = facts.Apply;
        yield return new("State", "Completed", facts.State.ToString(), facts.State == BackfillRunState.Completed);
        // Whatever rests on this review speaks for the plan. The plan run as a whole later on passes over what its parts have done.
        var (isPart, whole) = (a.IsPart, Math.Max(a.Total, a.PlanTotal));
        yield return new(
            "Settled",
            Text($"{whole} of {whole} sessions"),
            Text($"{a.Total - a.Remaining - a.NeverCalled} of {a.Total} sessions{(isPart ? Text($", a part of the plan's {whole}") : "")}"),
            a.Remaining == 0 && a.NeverCalled == 0 && !isPart);
        yield return AtMost("Failed", plan?.MaxFailed ?? 0, a.Failed, a.EarlierFailed);
        yield return AtMost("NoEffect", plan?.MaxNoEffect ?? 0, a.NoEffect, a.EarlierNoEffect);
        yield return AtMost("Unknown", plan?.MaxUnknown ?? 0, a.Unknown, a.EarlierUnknown);
        yield return Changes(a, plan);
        var rows = facts.Rows ?? ComparedRows.NotMeasured("the run has not ended");
        yield return ChangedSince(rows);
        yield return RollbackReady(a, rows);
        yield return new(
            "RolledBack", "no session", a.RolledBack == 0 ? "none" : Text($"{a.RolledBack} sessions"), a.RolledBack == 0);
        yield return new(
            "Breaker", "not opened", a.BreakerOpened == 0 ? "not opened" : Text($"opened, times: {a.BreakerOpened}"), a.BreakerOpened == 0);
    }

    private static BackfillGateCriterion ChangedSince(ComparedRows rows) => new(
        "ChangedSince",
        "no row changed since its session settled",
        rows.Problem is { } problem ? NotMeasured(problem)
            : rows.Changed == 0 ? "none"
            : Text($"{CountText.Of(rows.Changed, "row")}: {string.Join("; ", rows.First.Take((int)Math.Min(rows.Changed, rows.First.Count)).Select(r => $"{r.Table} {r.Key} of session {r.SessionId}"))}{(rows.Changed > rows.First.Count ? "; …" : "")}"),
        rows.Problem is null ? rows.Changed == 0 : null);

    /// <summary>What a rollback would find now: a row that it can't give back makes it a rollback of a part.</summary>
    private static BackfillGateCriterion RollbackReady(ApplyFigures figures, ComparedRows rows)
    {
        string?[] lacking =
        [
            figures.WithoutImages == 0 ? null : Text($"{CountText.Of(figures.WithoutImages, "session lacks", "sessions lack")} images"),
            rows.Problem is { } problem ? NotMeasured(problem)
                : rows.InConflict == 0 ? null : Text($"{CountText.Of(rows.InConflict, "row is", "rows are")} in conflict, and would stay as {(rows.InConflict == 1 ? "it is" : "they are")}"),
        ];
        var said = lacking.OfType<string>().ToList();
        return new(
            "RollbackReady", "an image of every changed row, and no row in conflict", said.Count == 0 ? "complete" : string.Join("; ", said), said.Count == 0);
    }

    private static string NotMeasured(string problem) => $"not measured: {problem}";

    private static BackfillGateCriterion Changes(ApplyFigures figures, BackfillPlan? plan)
    {
        const string name = "ExpectedChanges";
        if (plan is null)
            return new(name, "every figure of the plan", "the plan can't be read", false);
        var verification = ChangeVerification.Compare(plan.ExpectedChanges, figures.Changes);
        if (verification.Tables.Count == 0)
            return new(name, "every figure of the plan", "the plan expects no figures", null);
        var unmet = verification.Tables.Where(t => !t.Met).Select(Unmet).ToList();
        return new(name, "every figure of the plan", unmet.Count == 0 ? "met" : string.Join("; ", unmet), unmet.Count == 0);
    }

    private static string Unmet(TableVerification table)
    {
        var figures = new[]
        {
            Figure("new rows", table.Expected.NewRows, table.NewRows),
            Figure("updated rows", table.Expected.UpdatedRows, table.UpdatedRows),
            Figure("deleted rows", table.Expected.DeletedRows, table.DeletedRows),
        };
        return $"{table.Expected.Table}: {string.Join(", ", figures.OfType<string>())}";
    }

    private static string? Figure(string what, int? expected, int actual) =>
        expected is null || expected == actual ? null : Text($"{actual} {what} instead of {expected}");

    private static IEnumerable<BackfillGateCriterion> Soak(GateFacts facts, BackfillPlan? plan)
    {
        yield return Reviewed(facts);
        if (facts.Soak is not { } figures)
        {
            yield return new("Soak", "ended", "none has begun", false);
            yield break;
        }

        var (soak, settings) = (figures.Soak, figures.Soak.Settings);
        yield return new(
            "Soak",
            "ended",
            soak.Ending is null
                ? "still open"
                : Text($"{settings.Duration} until {soak.Window.End.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z, {figures.Samples} samples"),
            soak.Ending is not null);
        var versions = $"engine {settings.EngineVersion}, FC {settings.FcVersion}";
        yield return new(
            "Versions",
            plan is null ? "the plan's" : $"engine {plan.EngineVersion}, FC {plan.FcVersion}",
            versions,
            settings.EngineVersion == plan?.EngineVersion && settings.FcVersion == plan.FcVersion);
        yield return new(
            "Verdict",
            "Pass",
            soak.Ending is null ? "none yet" : soak.Ending.Reason is { } reason ? $"{soak.Ending.Verdict}: {reason}" : soak.Ending.Verdict.ToString(),
            soak.Ending?.Verdict == SoakVerdict.Pass);
        foreach (var check in figures.Last?.Checks ?? ItemList.Of<SoakCheck>())
            yield return new(check.Name, check.Expected, check.Status == SoakCheckStatus.Pass ? check.Actual : $"{check.Status}: {check.Actual}", Passed(check.Status));
    }

    /// <summary>
    /// What has nothing to be measured by is neither met nor failed; the person at the gate sees it, and has to override.
    /// </summary>
    private static bool? Passed(SoakCheckStatus status) => status switch
    {
        SoakCheckStatus.Pass => true,
        SoakCheckStatus.NotMeasured => null,
        _ => false,
    };

    private static BackfillGateCriterion Reviewed(GateFacts facts)
    {
        const string expected = "approved, on what the run shows now";
        var use = facts.Entries.LastOrDefault(e => e.Gate == BackfillGateName.ApplyReview && e.Action == GateAction.Used);
        if (use is null || (facts.Soak is { } soak && use.UsedFor != ApprovalUse.Name(soak.Soak.SoakId)))
            return new(nameof(BackfillGateName.ApplyReview), expected, "the soak was not begun through this gate", false);
        // Where decisions were deleted there may be a use without an approval.
        var approval = facts.Entries.LastOrDefault(e => e.Gate == use.Gate && e.Action == GateAction.Approved && e.Sequence < use.Sequence);
        if (approval is null)
            return new(nameof(BackfillGateName.ApplyReview), expected, "the approval is not there any more", false);
        var same = approval.EvidenceHash == GateChain.HashOf(GateEvidence.Of(facts, BackfillGateName.ApplyReview));
        return new(
            nameof(BackfillGateName.ApplyReview),
            expected,
            $"approved by {approval.Who}{(approval.Overridden ? $" with -Override: {approval.Reason}" : "")}{(same ? "" : "; the run is not what it was then")}",
            same);
    }

    private static BackfillGateCriterion Health(GateFacts facts)
    {
        var expected = Text($"each of the {facts.Apply.Total} sessions can be backfilled and needs it");
        if (facts.Health is not { } health)
            return new(nameof(Health), expected, "not measured when the run was frozen", false);
        if (health.Problem is { } problem)
            return new(nameof(Health), expected, $"not measured: {problem}", false);
        if (health.ProfileHash != facts.ProfileHash)
            return new(nameof(Health), expected, "not measured: it was by another target profile than this connection's", false);
        var others = health.Sessions - health.NeedingBackfill - health.NotBackfillable - health.Missing;
        var actual = Text($"{health.NeedingBackfill} of {health.Sessions} at {health.MeasuredAt.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z")
            + (others > 0 ? Text($"; {others} lack nothing") : "")
            + (health.NotBackfillable > 0 ? Text($"; {health.NotBackfillable} can't be backfilled") : "")
            + (health.Missing > 0 ? Text($"; {health.Missing} are not there") : "");
        return new(nameof(Health), expected, actual, health.Sessions > 0 && health.NeedingBackfill == health.Sessions);
    }

    /// <summary>What an earlier run left, and this one passed over, is no better for that.</summary>
    private static BackfillGateCriterion AtMost(string name, int most, int own, int earlier) => new(
        name,
        Text($"at most {most}"),
        earlier == 0 ? Text($"{own}") : Text($"{own + earlier} ({(own == 0 ? "" : Text($"{earlier} "))}of an earlier run of the plan)"),
        own + earlier <= most);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
