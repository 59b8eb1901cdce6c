using Backfill.Engine.Gates;

namespace Backfill.Engine.Reports.Html;

/// <summary>What a reviewer wants to know first: is it good, and what must be done now.</summary>
internal static class VerdictSection
{
    public static void Write(HtmlWriter html, ReportContent content)
    {
        var run = content.Run;
        var verdict = ReportVerdict.Of(content.Run, content.Gates);
        html.Section("verdict", "Verdict and gate")
            .Write($"<p class=\"verdict {verdict.Class}\"><span aria-hidden=\"true\">{verdict.Mark}</span> <strong>{new Foreign(verdict.Headline)}</strong></p>")
            .Write($"<p>{new Foreign(verdict.Detail)}</p>");
        if (run.State is BackfillRunState.Running or BackfillRunState.Suspended or BackfillRunState.Paused || run.ActiveWorkers > 0)
        {
            html.Write($"<p class=\"note\">The run has not ended, and may have changed while its figures were read. Export it again when it has ended.</p>");
        }

        WriteSteps(html, [.. NextSteps.Of(run, content.Outcomes), .. Waiting(content).Select(g => GateText.Raised(g, run.State))]);
        WriteTotals(html, run);
        WriteHead(html, content);
        foreach (var gate in content.Gates.OrderByDescending(g => g.RaisedAt ?? DateTimeOffset.MinValue))
            WriteGate(html, gate);
        html.EndSection();
    }

    private static IEnumerable<BackfillGate> Waiting(ReportContent content) =>
        content.Gates.Where(g => g is { Status: BackfillGateStatus.Pending, ChainBreak: null });

    private static void WriteSteps(HtmlWriter html, IReadOnlyList<string> steps)
    {
        if (steps.Count == 0)
            return;
        html.Write($"<h3>What to do next</h3><ol>");
        foreach (var step in steps)
            html.Write($"<li>{new Foreign(step)}</li>");
        html.Write($"</ol>");
    }

    private static void WriteTotals(HtmlWriter html, BackfillRun run)
    {
        html.Write($"<h3>Sessions</h3><dl class=\"totals\">");
        foreach (var (word, name, count) in new[]
        {
            ("Total", "total_sessions", run.Total),
            ("Succeeded", "successful_sessions", run.Succeeded),
            ("NoEffect", "no_effect_sessions", run.NoEffect),
            ("Failed", "failed_sessions", run.Failed),
            ("Skipped", "skipped_sessions", run.Skipped),
            ("NeverCalled", "never_called_sessions", run.NeverCalled),
            ("Unknown", "unknown_sessions", run.Unknown),
            ("Remaining", "remaining_sessions", run.Remaining),
        })
            html.Write($"<div><dt>{word}</dt><dd data-figure=\"{name}\">{count:#,0}</dd></div>");
        html.Write($"</dl>")
            .Write($"<p class=\"note\">Succeeded counts verified effects only: this run wrote the expected row, with the right version.</p>");
    }

    private static void WriteHead(HtmlWriter html, ReportContent content)
    {
        var run = content.Run;
        html.Write($"<dl>")
            .Write($"<div><dt>Run</dt><dd><code data-figure=\"run_id\">{run.RunId}</code></dd></div>")
            .Write($"<div><dt>Environment</dt><dd><span data-figure=\"environment\">{ReportJson.Text(run.Environment)}</span>, project {new Foreign(content.Target)}</dd></div>")
            .Write($"<div><dt>State</dt><dd><span data-figure=\"state\">{run.State}</span>, cause <span data-figure=\"cause\">{run.Cause?.ToString() ?? "–"}</span>{(run.Reason is null ? "" : ": ")}{new Foreign(run.Reason ?? "")}</dd></div>")
            .Write($"<div><dt>Window</dt><dd><span data-figure=\"execution_start\">{run.StartedAt}</span> to <span data-figure=\"execution_end\">{run.FinishedAt}</span></dd></div>")
            .Write($"<div><dt>Clock</dt><dd>{(content.SoakClockFactor is null ? "UTC" : "UTC, real time; the soak by the sandbox's own clock")}</dd></div>")
            .Write($"<div><dt>Minutes</dt><dd><span data-figure=\"runtime_minutes\">{Minutes(run)}</span></dd></div>")
            .Write($"<div><dt>Name, ticket</dt><dd><span data-figure=\"name\">{new Foreign(run.Name ?? "–")}</span>, <span data-figure=\"ticket\">{new Foreign(run.Ticket ?? "–")}</span></dd></div>")
            .Write($"<div><dt>Operator</dt><dd>{new Foreign(run.Operator)}</dd></div>")
            .Write($"<div><dt>Plan</dt><dd><span data-figure=\"plan_version\">{new Foreign(run.PlanVersion)}</span>, SHA-256 <code data-figure=\"plan_sha256\">{run.PlanHash}</code></dd></div>")
            .Write($"<div><dt>Versions</dt><dd>engine {new Foreign(content.Plan?.EngineVersion)}, FC {new Foreign(content.Plan?.FcVersion)}; module {new Foreign(content.Facts.ModuleVersion)}</dd></div>")
            .Write($"</dl>");
    }

    private static string Minutes(BackfillRun run) => run.FinishedAt - run.StartedAt is { } runtime
        ? Math.Round(runtime.TotalMinutes, 3).ToString("0.###", System.Globalization.CultureInfo.InvariantCulture)
        : "–";

    private static void WriteGate(HtmlWriter html, BackfillGate gate)
    {
        html.Write($"<article class=\"card\" aria-labelledby=\"gate-{gate.Name}-title\">")
            .Write($"<h3 id=\"gate-{gate.Name}-title\">Gate {gate.Name}: {gate.Status}</h3>");
        if (gate.DecidedBy is not null)
            html.Write($"<p>{GateText.DecidedBy(gate)} {new Foreign(gate.DecidedBy)} at {gate.DecidedAt}{(gate.Overridden ? ", with -Override" : "")}: {new Foreign(gate.Reason)}</p>");
        if (gate.Status == BackfillGateStatus.Approved)
            html.Write($"<p>The approval may be used until {gate.ExpiresAt}.</p>");
        if (gate.UsedFor is not null)
            html.Write($"<p>It has started {new Foreign(gate.UsedFor)}.</p>");
        html.Table($"gate-{gate.Name}", $"Criteria of {gate.Name}, as the ledger shows them now", "Criterion", "Met", "Expected", "Actual");
        foreach (var c in gate.Criteria)
        {
            html.Write($"<tr><th scope=\"row\">{new Foreign(c.Name)}</th><td class=\"{ReportParts.MetClass(c.Passed)}\">{ReportParts.Met(c.Passed)}</td>")
                .Write($"<td>{new Foreign(c.Expected)}</td><td>{new Foreign(c.Actual)}</td></tr>");
        }

        html.EndTable().Write($"<p class=\"hash\">Evidence SHA-256 <code>{gate.EvidenceHash}</code></p>");
        if (GateRules.Allows(gate.Status, GateRequest.Approve))
            html.Write($"<p>To decide: <code>{GateText.ApproveCommand(gate)}</code>, or <code>Deny-BackfillGate</code> with the same.</p>");
        html.Write($"</article>");
    }
}
