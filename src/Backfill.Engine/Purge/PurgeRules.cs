namespace Backfill.Engine.Purge;

/// <summary>Which runs may go.</summary>
public static class PurgeRules
{
    /// <summary>Refuses a run that has not ended, or that somebody is at.</summary>
    /// <param name="run">The run.</param>
    /// <exception cref="BackfillException"><c>RunNotFinished</c>, <c>RunBusy</c>.</exception>
    public static void Check(RunToRemove run)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (run.State is not (BackfillRunState.Completed or BackfillRunState.Aborted or BackfillRunState.RolledBack))
        {
            throw new BackfillException(
                "RunNotFinished",
                BackfillErrorKind.InvalidState,
                $"Run {run.RunId} is {run.State}. Only a run that is Completed, Aborted or RolledBack can be removed. Nothing was removed. "
                + $"Finish it: Invoke-BackfillApply -RunId {run.RunId} or end it: Stop-BackfillRun -RunId {run.RunId}",
                run.RunId);
        }

        if (run.Busy is { } busy)
            throw Busy(run.RunId, busy);
    }

    /// <summary>The error for a run that can't go now.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="cause">Why.</param>
    /// <param name="inner">The cause, if any.</param>
    /// <returns>The error.</returns>
    public static BackfillException Busy(Guid? runId, string cause, Exception? inner = null) => new(
        "RunBusy",
        BackfillErrorKind.Busy,
        $"{(runId is { } one ? $"Run {one}" : "A run")} can't be removed now: {cause}. Nothing was removed. Try again later.",
        runId,
        inner);
}
