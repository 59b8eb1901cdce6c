using Backfill.PowerShell.Streams;

namespace Backfill.PowerShell.Errors;

/// <summary>What is said where rows are not as a run left them.</summary>
internal static class RollbackErrors
{
    /// <summary>Every conflict goes out as a warning; the error carries them all.</summary>
    public static BackfillException Conflicts(
        Guid runId, IReadOnlyList<BackfillRollbackConflict> conflicts, PipelineStreams streams)
    {
        foreach (var conflict in conflicts)
            streams.Warn($"Conflict: session {conflict.SessionId}, {conflict}.");
        return Conflicts(runId, conflicts);
    }

    /// <summary>The same where the conflicts have been shown.</summary>
    public static BackfillException Conflicts(Guid runId, IReadOnlyList<BackfillRollbackConflict> conflicts)
    {
        return new(
            "RollbackConflict",
            BackfillErrorKind.InvalidState,
            $"{CountText.Of(conflicts.Count, "row is", "rows are")} not as run {runId} left {(conflicts.Count == 1 ? "it" : "them")}, "
            + "so nothing was changed. The error's TargetObject names each. Undo the rest with -OnConflict Skip, or leave their sessions out.",
            new ItemList<BackfillRollbackConflict>([.. conflicts]));
    }
}
