using System.Management.Automation;
using Backfill.Apply;
using Backfill.PowerShell.Pipeline;
using Backfill.Rollback;

namespace Backfill.PowerShell.Cmdlets;

/// <summary>Writes the undo of a run as an SQL script, for psql and for Supabase's SQL editor, and tells what it would do.</summary>
[Cmdlet(VerbsCommon.New, "BackfillRollback", DefaultParameterSetName = RunSet, SupportsShouldProcess = true)]
[OutputType(typeof(BackfillRollback))]
public sealed class NewBackfillRollbackCommand : RollbackCmdlet
{
    /// <summary>What it is computed from: images, or, for work that left none, versions and times.</summary>
    [Parameter]
    public BackfillRollbackStrategy Strategy { get; set; }

    /// <summary>The folder whose <c>backfill_logs</c> gets the script; by default the current one.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? OutputPath { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord() => AddRun();

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        var selection = Selected.ToSelection(After, Before);
        var connection = Selected.Connection;
        var outputPath = OutputPath is null ? FilePaths.Here(SessionState) : FilePaths.Literal(SessionState, OutputPath);
        if (!ShouldProcess(outputPath, $"Write the rollback script of run {selection.RunId}"))
            return;
        Work(async (streams, stop) =>
        {
            var phase = new RollbackPhase(connection);
            var look = await phase.LookAsync(selection, stop).ConfigureAwait(false);
            var order = new RollbackOrder(
                Guid.CreateVersion7(), selection, BackfillConflictRule.Stop, RunSteering.ThisOperator, null);
            var path = await phase.WriteScriptAsync(order, outputPath, stop).ConfigureAwait(false);
            if (look.Conflicts.Count > 0)
                streams.Warn(FormattableString.Invariant($"{look.Conflicts.Count} rows are no longer as the run left them; run with its rule Stop, the script would change nothing. ConflictList names them."));
            streams.Write(new BackfillRollback
            {
                RunId = selection.RunId,
                Strategy = Strategy,
                ScriptPath = path,
                Sessions = look.Sessions.Count,
                RowsToDelete = look.Tables.Sum(t => t.ToDelete),
                RowsToRestore = look.Tables.Sum(t => t.ToRestore),
                RowsToReinsert = look.Tables.Sum(t => t.ToReinsert),
                Conflicts = look.Conflicts.Count,
                Connection = connection,
                SessionIds = new([.. look.Sessions]),
                ConflictList = new([.. look.Conflicts.Select(c => c with { Connection = connection })]),
            });
        });
    }
}
