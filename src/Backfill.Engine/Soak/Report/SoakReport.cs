using Backfill.Engine.Connections;
using Backfill.Engine.Gates;
using Backfill.Engine.Reports;
using Backfill.Engine.Reports.Apply;
using Backfill.Engine.Soak.Checks;

namespace Backfill.Engine.Soak.Report;

/// <summary><c>staging_observability.md</c>: what was watched, whether it is good, and what to do now; then what that rests on.</summary>
internal sealed class SoakReport(BackfillConnection connection, SoakEnd end, Guid owner, string picture, DateTimeOffset now)
{
    /// <summary>The report names the first sessions; the ledger and the JSON have them all.</summary>
    private const int ShownSessions = 20;

    private readonly SoakSettings _settings = end.Soak.Settings;
    private readonly SoakWindow _window = end.Soak.Window;
    private readonly SoakSample? _last = end.Samples.Count > 0 ? end.Samples[^1] : null;

    public override string ToString()
    {
        var text = new Markdown();
        WriteVerdict(text);
        WriteFacts(text);
        WriteChecks(text);
        WriteSessions(text);
        text.Line("## Over time").Line().Line($"![Conversion and violations over the window]({picture})").Line();
        if (end.Gate is not null)
            GateSection.Write(text, [end.Gate]);
        WriteMethod(text);
        text.Line("## Samples").Line()
            .Line("<details><summary>All samples, as JSON</summary>").Line()
            .Line("```json").Line(SoakJson.Write(end)).Line("```").Line()
            .Line("</details>");
        return text.ToString();
    }

    private static string Recommendation(SoakVerdict verdict) => verdict switch
    {
        SoakVerdict.Pass => "**Go.** Every check passed on enough data.",
        SoakVerdict.Fail => "**No-go.** Fix what the failed checks name, then soak again.",
        _ => "**Extend.** Nothing failed, but too little was seen to call it good. Soak again, for longer or with more traffic.",
    };

    private string Environment()
    {
        var label = connection.Environment?.ToString() ?? "not known: no ledger was read";
        var word = connection.Identity.IsLabelGiven ? ", by the operator's word: the ledger was not read" : "";
        return $"{label}{(connection.IsSandbox ? " (sandbox)" : "")}{word}";
    }

    private void WriteVerdict(Markdown text)
    {
        text.Line($"# Staging soak: {end.Verdict}").Line()
            .Line($"<!-- run_id: {owner} -->")
            .Line(What()).Line()
            .Line(Recommendation(end.Verdict) + Findings()).Line();
        if (end.CanGoOn)
        {
            text.Line($"Resume the soak before {Markdown.Time(_window.End)}: `Start-StagingSoak -RunId {end.Soak.RunId}{connection.GetArgument()}`")
                .Line();
        }

        if (end.Gate is { } gate && GateRules.Allows(gate.Status, GateRequest.Approve))
            text.Line($"Decide the gate {gate.Name}: `{GateText.ApproveCommand(gate)}`, or Deny-BackfillGate.").Line();
    }

    /// <summary>What was watched, and how long.</summary>
    private string What()
    {
        var run = end.Soak.RunId is { } id ? $" after run {id}" : "";
        var taken = FormattableString.Invariant($"{end.Samples.Count(s => s.CompletedSessions is not null)} of {_window.Samples} samples");
        var ended = end.Reason is { } reason ? $" It ended early: {Markdown.Plain(reason).TrimEnd('.')}." : "";
        var kind = _last is { Retrospective: true } ? " This is one look back over a past window, and it raises no gate."
            : end.Soak.RunId is null ? " It is for no run: nothing is kept in the ledger, and it raises no gate."
            : "";
        return $"This soak watched project {connection.ProjectRef}{run}, from {Markdown.Time(_window.Start)} to {Markdown.Time(_window.End)}, "
            + $"with {taken}.{ended}{kind}";
    }

    /// <summary>The checks that need a person, by name.</summary>
    private string Findings()
    {
        var names = _last?.Checks.Where(c => c.Status is SoakCheckStatus.Fail or SoakCheckStatus.Inconclusive).Select(c => $"{c.Name} ({c.Status})").ToList() ?? [];
        return names.Count == 0 ? "" : $" See {string.Join(", ", names)} under Checks.";
    }

    private void WriteFacts(Markdown text)
    {
        text.Line("## Soak").Line()
            .Head("", "")
            .Row("Run", end.Soak.RunId is { } run ? $"`{run}`" : "none")
            .Row("Environment", Environment())
            .Row("Project", connection.ProjectRef)
            .Row("Window", $"{Markdown.Time(_window.Start)} to {Markdown.Time(_window.End)}")
            .Row("Samples", FormattableString.Invariant($"{end.Samples.Count(s => s.CompletedSessions is not null)} of {_window.Samples}"))
            .Row("Versions", $"engine {_settings.EngineVersion}, FC {_settings.FcVersion}")
            .Row("Written", Markdown.Time(now));
        text.Line();
    }

    private void WriteChecks(Markdown text)
    {
        text.Line("## Checks").Line();
        if (_last is null)
        {
            text.Line("No sample was taken.").Line();
            return;
        }

        text.Head("Check", "Status", "Expected", "Actual", "What it means");
        foreach (var check in _last.Checks)
        {
            var status = check.Status == SoakCheckStatus.Pass ? "Pass" : $"**{check.Status}**";
            text.Row(check.Name, status, check.Expected, check.Actual, check.Detail);
        }

        text.Line().Line("As found at the last sample, over the whole window. A check that failed once has failed.").Line();
    }

    private void WriteSessions(Markdown text)
    {
        var concerned = _last?.Checks.Where(c => c.Status != SoakCheckStatus.Pass && c.SessionIds.Count > 0).ToList() ?? [];
        foreach (var check in concerned)
        {
            var wrong = check.SessionIds.Except(check.HealedSessionIds).ToList();
            var when = check.Name == SoakCheckNames.TokenAccess
                ? "found in the window (each sample tries other tokens)"
                : "still wrong at the last sample";
            WriteSessions(text, $"{check.Name}: {when}", wrong);
        }

        foreach (var check in concerned)
            WriteSessions(text, $"{check.Name}: wrong earlier, and healed by the last sample", check.HealedSessionIds);
    }

    private static void WriteSessions(Markdown text, string title, IReadOnlyCollection<Guid> sessions)
    {
        if (sessions.Count == 0)
            return;
        var shown = Math.Min(sessions.Count, ShownSessions);
        var part = shown < sessions.Count ? FormattableString.Invariant($"{shown} of ") : "";
        text.Line($"### {title}, {part}{CountText.Of(sessions.Count, "session")}").Line();
        foreach (var session in sessions.Take(shown))
            text.Line($"- `{session}`");
        text.Line();
    }

    private void WriteLate(Markdown text)
    {
        var late = end.Samples.Where(s => s.CompletedSessions is not null && !s.Retrospective && _window.IsLate(s.Number, s.At));
        foreach (var kind in late.GroupBy(s => s.Lateness).OrderBy(g => g.Key))
        {
            var why = kind.Key switch
            {
                SoakLateness.NobodyMeasuring => "because no process was measuring when they were due",
                SoakLateness.TooSlow => "though a process was measuring: the machine or the target was too slow, or asleep",
                _ => "by a module that didn't keep why",
            };
            var most = SoakChecks.Span(kind.Max(s => s.At - _window.DueAt(s.Number)));
            text.Line($"- Taken late, {why}: {CountText.Of(kind.Count(), "sample")}, at most by {most}.");
        }
    }

    private void WriteMethod(Markdown text)
    {
        text.Line("## How it was measured").Line()
            .Line($"- Window: rows whose latest time (created, updated, computed) is at {Markdown.Time(_window.Start)} or later, "
                + "and before the sample; by the target's clock.")
            .Line($"- A sample every {SoakChecks.Span(_settings.Interval)} for {SoakChecks.Span(_settings.Duration)}. "
                + "A sample that failed was tried again until the next was due.")
            .Line($"- Conversion: the share of sessions with a profile, of those completed in the window less a grace period of "
                + $"{SoakChecks.Span(_settings.GracePeriod)}; 95 % interval by Wilson (1927). Judged at the window's end only.")
            .Line(_settings.TokenSample == 0
                ? "- Tokens: none was tried (-TokenSample 0)."
                : $"- Tokens: up to {_settings.TokenSample} sessions a sample, chosen again each time, read as anon.");
        if (_last is { CompletedSessions: { } completed })
            text.Line($"- Sample sizes at the end: {completed} completed sessions, {_last.TokensTested} tokens.");
        var costs = end.Samples.Where(s => s.CostMs is not null).ToList();
        if (costs.Count > 0)
        {
            text.Line(FormattableString.Invariant($"- Its own cost: {costs.Sum(s => s.CostMs)} ms in {costs.Sum(s => s.Statements)} statements; ")
                + FormattableString.Invariant($"at most {costs.Max(s => s.CostMs)} ms for a sample, without keeping it in the ledger."));
        }

        WriteLate(text);
        text.Line("- Every statement ran in a READ ONLY transaction with a timeout, and with row_security off, so that a policy raises an error "
            + "instead of hiding rows. The token check runs as anon.").Line();
        foreach (var query in connection.Target.SoakProbe.Queries)
        {
            text.Line($"<details><summary>{query.Name}</summary>").Line()
                .Line("```sql").Line(query.Text.Trim()).Line("```").Line()
                .Line("</details>").Line();
        }
    }
}
