using System.Text;
using Backfill.Engine.Gates;
using Backfill.Engine.Ledger;

namespace Backfill.Engine.Reports.Apply;

/// <summary><c>backfill_summary.md</c>: what happened, whether it is good, and what to do now; then what that rests on.</summary>
internal sealed class ApplySummary(
    IRunReader reader,
    RunTicket ticket,
    BackfillRun run,
    IReadOnlyList<BatchFigures> batches,
    ChangeVerification verification,
    IReadOnlyList<BackfillGate> gates,
    string? rollbackScript,
    IReadOnlyList<string> steps)
{
    /// <summary>The summary shows the first errors; the JSON has them all.</summary>
    private const int ShownErrors = 20;

    public async Task WriteAsync(Stream stream, CancellationToken cancellationToken)
    {
        var text = new Markdown();
        WriteLead(text);
        WriteNextSteps(text);
        WriteHead(text);
        WriteTotals(text);
        WriteBatches(text);
        await WriteErrorsAsync(text, cancellationToken).ConfigureAwait(false);
        WriteVerification(text);
        GateSection.Write(text, gates);
        await stream.WriteAsync(Encoding.UTF8.GetBytes(text.ToString()), cancellationToken).ConfigureAwait(false);
    }

    private string Sandbox => run.Connection is { IsSandbox: true } ? " (sandbox)" : "";

    private void WriteLead(Markdown text)
    {
        var verdict = ReportVerdict.Of(run, gates);
        text.Line($"# Backfill of {run.Environment}{Sandbox}: {NextSteps.Title(run)}").Line()
            .Line($"<!-- run_id: {run.RunId} -->")
            .Line(Markdown.Plain(ReportLead.What(run, $"{run.Connection?.ProjectRef}{Sandbox}")))
            .Line(Markdown.Plain(ReportLead.Why(run, ticket.Plan, gates))).Line()
            .Line($"**{Markdown.Plain(verdict.Headline)}** {Markdown.Plain(verdict.Detail)}").Line();
    }

    private void WriteHead(Markdown text)
    {
        text.Line("## Run").Line()
            .Head("", "")
            .Row("Run", $"`{run.RunId}`")
            .Row("Environment", $"{run.Environment}{Sandbox}")
            .Row("Window", $"{Markdown.Time(run.StartedAt)} to {Markdown.Time(run.FinishedAt ?? run.LastActivityAt)}")
            .Row("Plan", $"{run.PlanVersion}, SHA-256 `{run.PlanHash}`")
            .Row("Versions", $"engine {ticket.Plan.EngineVersion}, FC {ticket.Plan.FcVersion}")
            .Row("Pace", FormattableString.Invariant(
                $"at most {run.ThrottlePerMinute} sessions a minute; most in any minute: {run.PeakPerMinute ?? 0}"))
            .Row("Operator", run.Operator)
            .Row("Name", run.Name ?? "–")
            .Row("Ticket", run.Ticket ?? "–")
            .Row("Review", run.ReviewAfter is { } after ? $"after {after}, before any later session is called" : "–")
            .Row("State", run.Reason is null ? run.State.ToString() : $"{run.State}: {run.Reason}");
        text.Line();
    }

    private void WriteTotals(Markdown text) => text
        .Line("## Totals").Line()
        .Head("Sessions", "Succeeded", "NoEffect", "Failed", "Skipped", "NeverCalled", "Unknown", "Remaining")
        .Row(run.Total, run.Succeeded, run.NoEffect, run.Failed, run.Skipped, run.NeverCalled, run.Unknown, run.Remaining)
        .Line()
        .Line("Succeeded counts verified effects only: this run wrote the expected row, with the right version.")
        .Line();

    private void WriteBatches(Markdown text)
    {
        text.Line("## Batches").Line()
            .Head("Batch", "Started", "Completed", "Sessions", "Succeeded", "NoEffect", "Failed", "Skipped", "NeverCalled", "Unknown");
        foreach (var b in batches)
        {
            text.Row(
                b.BatchId, Markdown.Time(b.StartedAt), Markdown.Time(b.CompletedAt),
                b.Total, b.Succeeded, b.NoEffect, b.Failed, b.Skipped, b.NeverCalled, b.Unknown);
        }

        text.Line();
    }

    private async Task WriteErrorsAsync(Markdown text, CancellationToken cancellationToken)
    {
        var byCategory = new SortedDictionary<string, int>(StringComparer.Ordinal);
        // What went the same way is one line.
        var kinds = new OrderedDictionary<(BackfillOutcome, string?), (BackfillSessionResult First, int Count)>();
        await foreach (var result in reader.ReadErrorsAsync(run.RunId, cancellationToken).ConfigureAwait(false))
        {
            var name = $"{result.Outcome} / {result.Category?.ToString() ?? "–"}";
            byCategory[name] = byCategory.GetValueOrDefault(name) + 1;
            var kind = (result.Outcome, result.Reason);
            if (kinds.TryGetValue(kind, out var found))
                kinds[kind] = (found.First, found.Count + 1);
            else if (kinds.Count < ShownErrors)
                kinds.Add(kind, (result, 1));
        }

        text.Line("## Errors by category").Line();
        if (byCategory.Count == 0)
        {
            text.Line("None.").Line();
            return;
        }

        text.Head("Outcome / category", "Sessions");
        foreach (var (name, count) in byCategory)
            text.Row(name, count);
        text.Line().Head("Session", "Batch", "Outcome", "Why");
        foreach (var (result, count) in kinds.Values.OrderByDescending(k => k.Count))
        {
            text.Row(
                count == 1
                    ? $"`{result.SessionId}`"
                    : $"{count}, for example `{result.SessionId}`", result.BatchId, result.Outcome, result.Reason);
        }

        text.Line();
    }

    private void WriteVerification(Markdown text)
    {
        text.Line("## Expected against actual changes").Line();
        if (verification.Tables.Count == 0)
        {
            text.Line("The plan expects no figures.").Line();
            return;
        }

        text.Head("Table", "Of", "New: expected", "New: actual", "Updated: expected", "Updated: actual", "Met");
        foreach (var t in verification.Tables)
        {
            text.Row(
                t.Expected.Table, string.Join(", ", t.Expected.Match),
                t.Expected.NewRows, t.NewRows, t.Expected.UpdatedRows, t.UpdatedRows, t.Met ? "yes" : "**no**");
        }

        text.Line();
    }

    private void WriteNextSteps(Markdown text)
    {
        text.Line("## Next steps").Line();
        foreach (var step in steps)
            text.Line($"- {step}");
        var on = run.Connection?.GetArgument();
        foreach (var gate in gates.Where(g => g.Status == BackfillGateStatus.Pending))
            text.Line($"- {GateText.Raised(gate, run.State)}");
        if (run.State == BackfillRunState.Pending)
        {
            text.Line($"- When it is approved, start it: `Invoke-BackfillApply -RunId {run.RunId}{on}`")
                .Line($"- To give it up and free its sessions: `Stop-BackfillRun -RunId {run.RunId}{on}`").Line();
            return;
        }

        if (run.Failed + run.NoEffect + run.Unknown > 0)
            text.Line($"- See what did not succeed: `Get-BackfillSessionResult -RunId {run.RunId}{on} | Where-Object Outcome -ne Succeeded`");
        if (!verification.Met && run.Total < ticket.Plan.TotalCandidates)
            text.Line($"- The plan expects changes of {ticket.Plan.TotalCandidates} sessions; this run has only {run.Total} of them.");
        else if (!verification.Met)
            text.Line("- The changes are not those that the plan expects: find out why before you run anything else.");
        var script = rollbackScript is null
            ? $"the script that `New-BackfillRollback -RunId {run.RunId}{on}` writes: the one of this folder could not be written"
            : $"the script `{rollbackScript}` (personal data: keep it readable by its owner only)";
        text.Line("- Review this summary and `backfill_logs/execution_results.json` before the next phase.")
            .Line($"- To undo the run: `Invoke-BackfillRollback -RunId {run.RunId}{on}`, or {script}.").Line();
    }
}
