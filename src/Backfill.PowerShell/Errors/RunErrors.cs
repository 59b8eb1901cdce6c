using System.Management.Automation;

namespace Backfill.PowerShell.Errors;

/// <summary>What is to be said at the end of a run that did not go well.</summary>
internal static class RunErrors
{
    /// <summary>The one error of a run; null where there is nothing to complain of.</summary>
    public static ErrorRecord? Of(BackfillRun run)
    {
        if (run.State == BackfillRunState.Halted)
        {
            return Record("RunHalted", ErrorCategory.OperationStopped, run, FormattableString.Invariant(
                $"Run {run.RunId} halted with {run.Remaining} of {run.Total} sessions left: {run.Reason?.TrimEnd('.')}. Once the cause is gone, go on with it: Invoke-BackfillApply -RunId {run.RunId}{run.Connection?.GetArgument()}"));
        }

        var bad = run.Failed + run.NoEffect + run.Unknown;
        return bad == 0 ? null : Record("RunHadFailures", ErrorCategory.InvalidResult, run, FormattableString.Invariant(
            $"In run {run.RunId}, {bad} of {run.Total} sessions did not succeed ({Counts(run)}). Get-BackfillSessionResult -RunId {run.RunId}{run.Connection?.GetArgument()} -Outcome Failed, NoEffect, Unknown says why."));
    }

    /// <summary>A warning for a run that ended otherwise than it should, though no session failed.</summary>
    public static string? WarningOf(ApplyEnd end) => end.Run.State switch
    {
        BackfillRunState.Pending when end.NextStep is { } next =>
            $"Run {end.Run.RunId} is frozen, and nothing was called. {next}\nThen begin it: Invoke-BackfillApply -RunId {end.Run.RunId} -Connection {end.Run.Connection?.GetName()}",
        BackfillRunState.Completed when !end.VerificationMet && Of(end.Run) is null =>
            $"Run {end.Run.RunId} is completed, but the plan's expected changes are not what happened; backfill_summary.md compares them.",
        BackfillRunState.Paused =>
            $"Run {end.Run.RunId} is paused: {end.Run.Reason}. Go on with it: Invoke-BackfillApply -RunId {end.Run.RunId}{end.Run.Connection?.GetArgument()}",
        BackfillRunState.Aborted => $"Run {end.Run.RunId} was aborted: {end.Run.Reason}.",
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
