namespace Backfill.Engine.Apply.Steer;

/// <summary>Which order a run obeys in which state: one table.</summary>
public static class RunTransitions
{
    private static readonly BackfillRunState[] Open =
        [BackfillRunState.Pending, BackfillRunState.Running, BackfillRunState.Suspended, BackfillRunState.Paused, BackfillRunState.Halted];

    private static readonly Dictionary<RunAction, BackfillRunState[]> Allowed = new()
    {
        [RunAction.Suspend] = Open,
        // One that was never started needs no leave but its gate's.
        [RunAction.Resume] = [.. Open.Where(s => s != BackfillRunState.Pending)],
        [RunAction.Stop] = Open,
        [RunAction.Set] = Open,
    };

    /// <summary>Whether a run obeys.</summary>
    /// <param name="action">The order.</param>
    /// <param name="state">Where the run stands.</param>
    /// <param name="intent">What an operator ordered.</param>
    /// <returns>True if it does.</returns>
    public static bool Allows(RunAction action, BackfillRunState state, BackfillRunIntent intent) =>
        // Ending a run is for good, from the moment it is ordered. It may be ordered again: a worker that was to end it may have died.
        (intent != BackfillRunIntent.Stop || action == RunAction.Stop) && Allowed[action].Contains(state);

    /// <summary>The states in which a run obeys an order.</summary>
    /// <param name="action">The order.</param>
    /// <returns>The states.</returns>
    public static IReadOnlyList<string> StatesFor(RunAction action) => [.. Allowed[action].Select(s => s.ToString())];

    /// <summary>Throws where a run does not obey.</summary>
    /// <param name="action">The order.</param>
    /// <param name="run">The run.</param>
    /// <exception cref="BackfillException">
    /// <c>RunNotSuspendable</c>, <c>RunNotResumable</c>, <c>RunNotStoppable</c>, <c>RunNotSettable</c>.
    /// </exception>
    public static void Check(RunAction action, BackfillRun run)
    {
        if (Allows(action, run.State, run.Intent))
            return;
        var (code, verb) = action switch
        {
            RunAction.Suspend => ("RunNotSuspendable", "suspended"),
            RunAction.Resume => ("RunNotResumable", "resumed"),
            RunAction.Stop => ("RunNotStoppable", "stopped"),
            _ => ("RunNotSettable", "changed"),
        };
        throw new BackfillException(
            code,
            BackfillErrorKind.InvalidState,
            run is { Intent: BackfillRunIntent.Stop, State: not BackfillRunState.Aborted }
                ? $"Run {run.RunId} is being stopped for good, so it can't be {verb}. Start a new run of the plan for what is left."
                : $"Run {run.RunId} is {run.State}, and can't be {verb}. It must be {string.Join(", ", StatesFor(action))}.",
            run.RunId);
    }

    /// <summary>Only an order lifts a suspension: whoever starts a worker is told who gave it, and why.</summary>
    /// <param name="run">The run, which an operator has suspended.</param>
    /// <returns><c>RunSuspended</c>.</returns>
    public static BackfillException Suspended(BackfillRun run) => new(
        "RunSuspended",
        BackfillErrorKind.InvalidState,
        $"Run {run.RunId} is suspended{Order(run)}. Nothing was called. Ask that person first. "
        + $"This lifts it: Resume-BackfillRun {run.RunId}{run.Connection?.GetArgument()}",
        run.RunId);

    private static string Order(BackfillRun run) => string.Concat(
        run.IntentBy is { } by ? $" by {by}" : "",
        run.IntentAt is { } at ? FormattableString.Invariant($" at {at.UtcDateTime:yyyy-MM-dd HH:mm}Z") : "",
        run.IntentUntil is { } until ? FormattableString.Invariant($" until {until.UtcDateTime:yyyy-MM-dd HH:mm}Z") : "",
        run.IntentReason is { } why ? $": {why.TrimEnd('.')}" : "");
}
