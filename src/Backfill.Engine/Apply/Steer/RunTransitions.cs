namespace Backfill.Engine.Apply.Steer;

/// <summary>Which order a run obeys in which state: one table.</summary>
public static class RunTransitions
{
    private static readonly Dictionary<RunAction, BackfillRunState[]> Allowed = new()
    {
        [RunAction.Suspend] = [BackfillRunState.Pending, BackfillRunState.Running, BackfillRunState.Paused],
        [RunAction.Resume] = [BackfillRunState.Running, BackfillRunState.Paused, BackfillRunState.Halted],
        [RunAction.Stop] =
            [BackfillRunState.Pending, BackfillRunState.Running, BackfillRunState.Paused, BackfillRunState.Halted],
        [RunAction.Set] =
            [BackfillRunState.Pending, BackfillRunState.Running, BackfillRunState.Paused, BackfillRunState.Halted],
    };

    /// <summary>Whether a run obeys.</summary>
    /// <param name="action">The order.</param>
    /// <param name="state">Where the run stands.</param>
    /// <param name="wanted">Where an operator wants it.</param>
    /// <returns>True if it does.</returns>
    public static bool Allows(RunAction action, BackfillRunState state, BackfillRunState wanted) =>
        // Ending a run is for good, from the moment it is ordered. It may be ordered again: a worker that was to end it may have died.
        (wanted != BackfillRunState.Aborted || action == RunAction.Stop) && Allowed[action].Contains(state);

    /// <summary>The states in which a run obeys an order.</summary>
    /// <param name="action">The order.</param>
    /// <returns>The states.</returns>
    public static IReadOnlyList<string> StatesFor(RunAction action) => [.. Allowed[action].Select(s => s.ToString())];

    /// <summary>Throws where a run does not obey.</summary>
    /// <param name="action">The order.</param>
    /// <param name="run">The run.</param>
    /// <exception cref="BackfillException"><c>RunNotSuspendable</c>, <c>RunNotResumable</c>, <c>RunNotStoppable</c>, <c>RunNotSettable</c>.</exception>
    public static void Check(RunAction action, BackfillRun run)
    {
        if (Allows(action, run.State, run.WantedState))
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
            $"Run {run.RunId} is {run.State}{(run.WantedState == BackfillRunState.Aborted ? " and being stopped" : "")}, and can't be {verb}. That works while it is {string.Join(", ", StatesFor(action))}.",
            run.RunId);
    }
}
