using Backfill.PowerShell.Pipeline;

namespace Backfill.PowerShell.Errors;

/// <summary>What is said where rows are not as a run left them.</summary>
internal static class RollbackErrors
{
    /// <summary>Said before anything is asked: what is found in a run at work may be otherwise a moment later.</summary>
    public static BackfillException Busy(Guid runId, string busy) => new(
        "RunBusy",
        BackfillErrorKind.Busy,
        $"Run {runId} can't be rolled back now: {busy}. Nothing was changed. Stop it where it runs (Stop-BackfillRun, or Ctrl+C), or wait until its calls have come to rest.",
        runId);

    /// <summary>Every conflict goes out as a warning; the error carries them all.</summary>
    public static BackfillException Conflicts(
        Guid runId, IReadOnlyList<BackfillRollbackConflict> conflicts, PipelineStreams streams)
    {
        foreach (var conflict in conflicts)
            streams.Warn($"Conflict: session {conflict.SessionId}, {conflict}.");
        return new(
            "RollbackConflict",
            BackfillErrorKind.InvalidState,
            FormattableString.Invariant($"{CountText.Of(conflicts.Count, "row is", "rows are")} not as run {runId} left {(conflicts.Count == 1 ? "it" : "them")}, so nothing was changed; the warnings name them all, and so does the TargetObject of this error. Look at them, then leave them as they are and undo the rest with -OnConflict Skip, or leave their sessions out."),
            new ItemList<BackfillRollbackConflict>([.. conflicts]));
    }
}
