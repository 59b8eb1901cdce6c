using System.Management.Automation;

namespace Backfill.PowerShell.Errors;

/// <summary>What is to be said at the end of a run that did not go well.</summary>
internal static class RunErrors
{
    /// <summary>The one error of a run; null where there is nothing to complain of.</summary>
    public static ErrorRecord? Of(ApplyEnd end)
    {
        var run = end.Run;
        if (run.State == BackfillRunState.Halted)
        {
            return Record("RunHalted", ErrorCategory.OperationStopped, run, FormattableString.Invariant(
                $"Run {run.RunId} halted with {run.Remaining} of {run.Total} sessions left: {run.Reason?.TrimEnd('.')}.{Steps(end)}"));
        }

        var bad = run.Failed + run.NoEffect + run.Unknown;
        return bad == 0 ? null : Record("RunHadFailures", ErrorCategory.InvalidResult, run, FormattableString.Invariant(
            $"In run {run.RunId}, {bad} of {run.Total} sessions did not succeed ({Counts(run)}).{Steps(end)} See each with: Get-BackfillSessionResult -RunId {run.RunId}{run.Connection?.GetArgument()} -Outcome Failed, NoEffect, Unknown"));
    }

    /// <summary>What halted a run at once says in its reason what to fix.</summary>
    private static bool NamesItsCure(BackfillRun run) => run.Cause is BackfillRunCause.KeyRefused or BackfillRunCause.FunctionNotDeployed
        or BackfillRunCause.ProjectRestricted or BackfillRunCause.ProjectPaused or BackfillRunCause.TargetUnreachable;

    /// <summary>The two most urgent; the summary has them all.</summary>
    private static string Steps(ApplyEnd end) => string.Concat(end.NextSteps.Skip(NamesItsCure(end.Run) ? 1 : 0).Take(2).Select(s => $"\n- {s}")) is { Length: > 0 } steps ? $"{steps}\n" : "";

    /// <summary>A warning for a run that ended otherwise than it should, though no session failed.</summary>
    public static string? WarningOf(ApplyEnd end) => end.Run.State switch
    {
        BackfillRunState.Pending when end.NextStep is { } next =>
            $"Run {end.Run.RunId} is frozen, and nothing was called. {next}\nThen begin it: Invoke-BackfillApply -RunId {end.Run.RunId} -Connection {end.Run.Connection?.GetName()}",
        BackfillRunState.Completed when !end.VerificationMet && Of(end) is null =>
            $"Run {end.Run.RunId} is completed, but the plan's expected changes are not what happened; backfill_summary.md compares them.",
        BackfillRunState.Paused when end.Run.Cause == BackfillRunCause.BatchReview => FormattableString.Invariant(
            $"Run {end.Run.RunId} waits for a review after {end.Run.ReviewAfter}, with {end.Run.Remaining} of {end.Run.Total} sessions left. {end.NextStep}"),
        BackfillRunState.Paused => FormattableString.Invariant(
            $"Run {end.Run.RunId} is paused with {end.Run.Remaining} of {end.Run.Total} sessions left: {end.Run.Reason}. Resume it with: Invoke-BackfillApply -RunId {end.Run.RunId}{end.Run.Connection?.GetArgument()}"),
        BackfillRunState.Suspended => FormattableString.Invariant(
            $"Run {end.Run.RunId} is suspended by {end.Run.IntentBy} with {end.Run.Remaining} of {end.Run.Total} sessions left: {end.Run.Reason}. Only this lifts it: Resume-BackfillRun {end.Run.RunId}{end.Run.Connection?.GetArgument()}"),
        BackfillRunState.Aborted => FormattableString.Invariant(
            $"Run {end.Run.RunId} was stopped by {end.Run.IntentBy}: {end.Run.Reason}. {end.Run.NeverCalled} of {end.Run.Total} sessions were never called."),
        _ => null,
    };

    private static string Counts(BackfillRun run) => string.Join(", ", new[]
    {
        Count(run.Failed, "failed"),
        Count(run.NoEffect, "without effect"),
        Count(run.Unknown, "unknown"),
    }.OfType<string>());

    private static string? Count(int number, string what) => number == 0 ? null : FormattableString.Invariant($"{number} {what}");

    private static ErrorRecord Record(string id, ErrorCategory category, BackfillRun run, string message) =>
        new(new BackfillException(id, BackfillErrorKind.InvalidState, message, run), id, category, run);
}
