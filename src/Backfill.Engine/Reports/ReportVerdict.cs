using Backfill.Engine.Gates;

namespace Backfill.Engine.Reports;

/// <summary>The report in one sentence, and what it rests on. Pure; judged by the gates' own criteria, never beside them.</summary>
/// <param name="Class">How it is shown.</param>
/// <param name="Mark">The same as a sign.</param>
/// <param name="Headline">The sentence.</param>
/// <param name="Detail">What it rests on.</param>
internal sealed record ReportVerdict(string Class, string Mark, string Headline, string Detail)
{
    public static ReportVerdict Of(BackfillRun run, IReadOnlyList<BackfillGate> gates)
    {
        var sessions = FormattableString.Invariant($"{run.Succeeded:#,0} of {run.Total:#,0} sessions succeeded");
        if (gates.FirstOrDefault(g => g.ChainBreak is not null) is { } broken)
            return Bad("The decisions are not as they were written.", $"{broken.ChainBreak}. Nothing is decided or started on them.");
        var gate = gates.MaxBy(g => g.RaisedAt ?? DateTimeOffset.MinValue);
        var standing = gate is null ? "No gate is raised yet." : $"Gate {gate.Name} is {gate.Status}: {GateText.Judged(gate)}.";
        if (gate is null
            || run.State is BackfillRunState.Pending or BackfillRunState.Running or BackfillRunState.Suspended or BackfillRunState.Paused)
            return Open("…", $"The run has not ended: {run.State}; {sessions} so far.", standing);
        if (run.State == BackfillRunState.RolledBack)
            return Open("↺", "The run was rolled back.", standing);
        var (unmet, unmeasured) = (gate.Criteria.Count(c => c.Passed == false), gate.Criteria.Count(c => c.Passed is null));
        var detail = $"{standing} Of the run: {run.State}, {sessions}.";
        return unmet > 0
            ? Bad(FormattableString.Invariant($"{unmet} of {gate.Criteria.Count} criteria of {gate.Name} are not met: {GateText.UnmetNames(gate)}."), detail)
            : gate.Status == BackfillGateStatus.Denied ? Bad($"{gate.Name} was denied: {gate.Reason}", detail)
            : unmeasured > 0 ? Open("?", FormattableString.Invariant($"No criterion of {gate.Name} fails, and {unmeasured} of {gate.Criteria.Count} could not be measured."), detail)
            : new("good", "✓", $"Every criterion of {gate.Name} is met.", detail);
    }

    private static ReportVerdict Open(string mark, string headline, string detail) => new("open", mark, headline, detail);

    private static ReportVerdict Bad(string headline, string detail) => new("bad", "✗", headline, detail);
}
