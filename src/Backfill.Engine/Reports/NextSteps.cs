using System.Globalization;

namespace Backfill.Engine.Reports;

/// <summary>What to do next, the most urgent first: the cause of a halt, then what failed by category, then how to go on. Pure.</summary>
internal static class NextSteps
{
    /// <summary>The steps after a run, or while it waits.</summary>
    /// <param name="run">The run.</param>
    /// <param name="outcomes">Its settled sessions by outcome and category.</param>
    /// <returns>The steps, a sentence or two each.</returns>
    public static IReadOnlyList<string> Of(BackfillRun run, IReadOnlyList<OutcomeCount> outcomes)
    {
        var steps = new List<string>();
        var on = run.Connection?.GetArgument();
        if (run.State == BackfillRunState.Halted && Remedies.Of(run.Cause) is { } cure)
            steps.Add(cure);
        foreach (var kind in Bad(outcomes))
            steps.Add(Text($"{CountText.Of(kind.Sessions, "session")} {Name(kind)}: {Remedies.Of(Category(kind))}"));
        if (run.Intent == BackfillRunIntent.Suspend && run.Remaining > 0)
        {
            var why = run.IntentReason is { } reason ? $" ({reason.TrimEnd('.')})" : "";
            steps.Add($"{run.IntentBy} suspended the run{why}. Ask that person, then: Resume-BackfillRun {run.RunId}{on}");
        }

        else if (run is { Remaining: > 0, State: BackfillRunState.Halted or BackfillRunState.Paused, Cause: not BackfillRunCause.BatchReview })
        {
            steps.Add(Text(
                $"{CountText.Of(run.Remaining, "session is", "sessions are")} left. Resume the run with: Invoke-BackfillApply -RunId {run.RunId}{on}"));
        }
        else if (steps.Count > 0 && run.Cause != BackfillRunCause.BatchReview)
            steps.Add("Then try those sessions again: Invoke-BackfillApply with the same plan and -Reprocess Failed");
        if (run.NeverCalled > 0)
            steps.Add(Text($"{CountText.Of(run.NeverCalled, "session was", "sessions were")} never called. A new run of the same plan takes them."));
        return steps;
    }

    /// <summary>A run's state as a title: one whose sessions failed isn't just completed.</summary>
    /// <param name="run">The run.</param>
    /// <returns>For example <c>Completed, 2 of 39 sessions did not succeed</c>.</returns>
    public static string Title(BackfillRun run)
    {
        var bad = run.Failed + run.NoEffect + run.Unknown;
        var failed = bad > 0 ? Text($", {bad} of {run.Total} sessions did not succeed") : "";
        var left = run.NeverCalled > 0 ? Text($", {run.NeverCalled} never called") : "";
        return $"{run.State}{failed}{left}";
    }

    private static IEnumerable<OutcomeCount> Bad(IReadOnlyList<OutcomeCount> outcomes) => outcomes
        .Where(o => o.Outcome is not (BackfillOutcome.Succeeded or BackfillOutcome.Skipped))
        .OrderByDescending(o => o.Sessions).ThenBy(o => o.Outcome).ThenBy(o => o.Category);

    private static string Name(OutcomeCount kind) => kind.Category is { } category && $"{category}" != $"{kind.Outcome}"
        ? $"{kind.Outcome} / {category}"
        : $"{kind.Outcome}";

    private static BackfillCategory? Category(OutcomeCount kind) =>
        kind.Category ?? (kind.Outcome == BackfillOutcome.NoEffect ? BackfillCategory.NoEffect : null);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
