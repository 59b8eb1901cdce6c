namespace Backfill.Engine.Rollback;

/// <summary>Why a run can't be rolled back as it stands, said alike before anything is asked and while it is being undone.</summary>
internal static class RollbackRefusals
{
    /// <summary>Somebody works on it, or a call of it may still be committed: what is found now may be otherwise a moment later.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="cause">What is going on.</param>
    /// <returns>The error.</returns>
    public static BackfillException Busy(Guid runId, string cause) => new(
        "RunBusy",
        BackfillErrorKind.Busy,
        $"Run {runId} can't be rolled back now: {cause}. Nothing was changed. "
        + "Stop it (Stop-BackfillRun or Ctrl+C), or wait until its calls are over.",
        runId);

    /// <summary>It was undone before.</summary>
    /// <param name="runId">The run.</param>
    /// <returns>The error.</returns>
    public static BackfillException RolledBack(Guid runId) => new(
        "RunRolledBack",
        BackfillErrorKind.InvalidState,
        $"Run {runId} is rolled back already, and nothing of it is left to undo. See what was undone: Get-BackfillEvent -RunId {runId}",
        runId);
}
