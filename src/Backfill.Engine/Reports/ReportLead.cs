using System.Globalization;

namespace Backfill.Engine.Reports;

/// <summary>The first sentences of a report: what was done, and why. Pure.</summary>
internal static class ReportLead
{
    /// <summary>What was done, by whom, to what, when, and how it ended.</summary>
    /// <param name="run">The run.</param>
    /// <param name="target">The target in words.</param>
    /// <returns>A sentence.</returns>
    public static string What(BackfillRun run, string target)
    {
        var verb = run.State == BackfillRunState.Pending ? "prepared" : run.FinishedAt is null ? "began to apply" : "applied";
        var when = run.StartedAt is { } started ? $" from {Minute(started)}{(run.FinishedAt is { } end ? $" to {Minute(end)}" : "")}" : "";
        var undone = run.State == BackfillRunState.RolledBack ? "; the run was rolled back since" : "";
        return $"{run.Operator} {verb} plan {run.PlanVersion} for {CountText.Of(run.Total, "session")} of {ReportJson.Text(run.Environment)} "
            + $"project {target}{when}: {Outcomes(run)}{undone}.";
    }

    /// <summary>Why: ticket and name, then the newest reason that somebody gave.</summary>
    /// <param name="run">The run.</param>
    /// <param name="plan">Its plan; null where it can't be read.</param>
    /// <param name="gates">Its gates.</param>
    /// <returns>A sentence.</returns>
    public static string Why(BackfillRun run, BackfillPlan? plan, IReadOnlyList<BackfillGate> gates)
    {
        var cause = (run.Ticket, run.Name) switch
        {
            ({ } ticket, { } name) => $"It was done for {ticket} ({name})",
            ({ } ticket, null) => $"It was done for {ticket}",
            (null, { } name) => $"It was done as “{name}”, without a ticket",
            _ => "No ticket and no name were given",
        };
        return $"{cause}; {Reason(run, plan, gates).TrimEnd('.')}.";
    }

    private static string Reason(BackfillRun run, BackfillPlan? plan, IReadOnlyList<BackfillGate> gates)
    {
        if (run is { State: not BackfillRunState.Completed, Reason: { } why })
            return $"it is {run.State} because: {why}";
        var decided = gates.Where(g => g is { DecidedBy: not null, Reason: not null }).MaxBy(g => g.DecidedAt);
        if (decided is not null)
            return $"{decided.DecidedBy} {(decided.Status is BackfillGateStatus.Denied or BackfillGateStatus.Pending ? "denied" : "approved")} {decided.Name}: {decided.Reason}";
        var purposes = (plan?.Batches ?? ItemList.Of<PlanBatch>()).Select(b => b.Description.TrimEnd('.')).Where(d => d.Length > 0).Distinct().Take(3).ToList();
        return purposes.Count > 0 ? $"the plan says: {string.Join("; ", purposes)}" : "the plan gives no reason";
    }

    private static string Outcomes(BackfillRun run)
    {
        (int Count, string Word)[] all =
        [
            (run.Succeeded, "succeeded"), (run.Failed, "failed"), (run.NoEffect, "had no effect"), (run.Unknown, "are unknown"),
            (run.Skipped, "needed no call"), (run.NeverCalled, "were never called"), (run.Remaining, "are left"),
        ];
        return string.Join(
            ", ", all.Where(o => o.Count > 0).Select(o => string.Create(CultureInfo.InvariantCulture, $"{o.Count:#,0} {o.Word}")));
    }

    private static string Minute(DateTimeOffset time) =>
        string.Create(CultureInfo.InvariantCulture, $"{time.UtcDateTime:yyyy-MM-dd HH:mm}Z");
}
