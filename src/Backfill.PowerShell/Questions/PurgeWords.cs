using Backfill.PowerShell.Views;

namespace Backfill.PowerShell.Questions;

/// <summary>What goes when runs are removed, in words.</summary>
internal static class PurgeWords
{
    public static string Caption(IReadOnlyList<RunToRemove> runs, BackfillConnection connection) =>
        $"Remove {(runs is [var one] ? $"run {one.RunId}" : CountText.Of(runs.Count, "run"))} from the ledger of {connection}?";

    /// <summary>Every run on a line of its own, then what is lost with them.</summary>
    public static string Message(IReadOnlyList<RunToRemove> runs) => string.Join('\n', runs.Select(Line).Append(Loss(runs)));

    public static string Line(RunToRemove run)
    {
        var counts = CountText.List(
            (run.Sessions, "session"), (run.Calls, "call"), (run.Images, "image"), (run.Decisions, "gate decision"), (run.Soaks, "soak"), (
                run.Rollbacks, "rollback"));
        return $"Run {run.RunId} of plan {run.PlanVersion}, {run.State}, ended {ViewText.Minute(run.EndedAt)}: {counts}";
    }

    private static string Loss(IReadOnlyList<RunToRemove> runs)
    {
        var undoable = runs.Count(r => r.HoldsUndo);
        var undo = undoable == 0
            ? ""
            : $"The undo of {CountText.Of(undoable, "run")} is lost for good: Invoke-BackfillRollback needs the images. ";
        var decisions = runs.Sum(r => r.Decisions) == 0 ? "" : "Decisions on gates are lost, and what rests on them holds no longer. ";
        return $"{undo}{decisions}If one of their plans is applied again, it starts from the beginning, also with sessions that are done. Written files stay.";
    }
}
