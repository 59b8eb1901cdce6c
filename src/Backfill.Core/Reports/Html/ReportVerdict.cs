using Backfill.Gates;

namespace Backfill.Reports.Html;

/// <summary>The report in one sentence, and what it rests on. Pure; judged by the gates' own criteria, never beside them.</summary>
/// <param name="Class">How it is shown.</param>
/// <param name="Mark">The same as a sign.</param>
/// <param name="Headline">The sentence.</param>
/// <param name="Detail">What it rests on.</param>
internal sealed record ReportVerdict(string Class, string Mark, string Headline, string Detail)
{
    public static ReportVerdict Of(ReportContent content)
    {
        var run = content.Run;
        var sessions = FormattableString.Invariant($"{run.Succeeded:#,0} of {run.Total:#,0} sessions succeeded");
        if (content.Gates.FirstOrDefault(g => g.ChainBreak is not null) is { } broken)
            return Bad("The decisions are not as they were written.", $"{broken.ChainBreak}. Nothing is decided or started on them.");
        if (content.Gates.MaxBy(g => g.RaisedAt ?? DateTimeOffset.MinValue) is not { } gate)
            return new("open", "…", $"The run has not ended: {run.State}; {sessions} so far.", "No gate is raised yet.");
        var unmet = gate.Criteria.Count(c => c.Passed == false);
        var standing = $"Gate {gate.Name} is {gate.Status}.";
        if (run.State == BackfillRunState.RolledBack)
            return new("open", "↺", "The run was rolled back.", standing);
        return unmet > 0
            ? Bad(
                FormattableString.Invariant($"{unmet} of {gate.Criteria.Count} criteria of {gate.Name} are not met: {GateText.UnmetNames(gate)}."),
                $"{standing} Of the run: {run.State}, {sessions}.")
            : new("good", "✓", $"Every criterion of {gate.Name} is met.", $"{standing} Of the run: {run.State}, {sessions}.");
    }

    private static ReportVerdict Bad(string headline, string detail) => new("bad", "✗", headline, detail);
}
