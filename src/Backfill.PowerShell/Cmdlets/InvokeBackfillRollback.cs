using System.Management.Automation;
using Backfill.PowerShell.Bases;
using Backfill.PowerShell.Errors;
using Backfill.PowerShell.Questions;
using Backfill.PowerShell.Selections;
using Backfill.PowerShell.Streams;

namespace Backfill.PowerShell.Cmdlets;

/// <summary>Undoes a run, or some of its sessions: every row gets its before-image back, where nobody has changed it since.</summary>
[Cmdlet(
    VerbsLifecycle.Invoke,
    "BackfillRollback",
    DefaultParameterSetName = RollbackSet,
    SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(BackfillRollbackResult))]
[OutputType(typeof(BackfillRollbackConflict))]
public sealed class InvokeBackfillRollbackCommand : RollbackCmdlet
{
    // The default: a BackfillRollback in the pipeline must never go by its RunId alone.
    private const string RollbackSet = "Rollback";

    /// <summary>What <c>New-BackfillRollback</c> wrote down: exactly its sessions are undone.</summary>
    [Parameter(ParameterSetName = RollbackSet, Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    public BackfillRollback? Rollback { get; set; }

    /// <summary>What happens where a row is not as the run left it.</summary>
    [Parameter]
    public BackfillConflictRule OnConflict { get; set; }

    /// <summary>Why; kept in the ledger.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Reason { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        if (ParameterSetName != RollbackSet)
        {
            AddRun();
            return;
        }

        if (Rollback!.Strategy == BackfillRollbackStrategy.Timestamp)
        {
            throw new BackfillException(
                "RollbackHasNoImages",
                BackfillErrorKind.InvalidInput,
                $"A rollback by timestamp can't be verified, so it is a script only. Read {Rollback.ScriptPath}, and run it with psql.",
                Rollback);
        }

        if (MyInvocation.BoundParameters.ContainsKey(nameof(SessionId)) && !IsFromInput(nameof(SessionId)))
            throw RollbackSelections.Nothing("A BackfillRollback carries its very selection, and -SessionId names another.");
        Connection ??= Rollback.Connection;
        Selected.Add(OpenConnection(writes: true), Rollback.RunId, Rollback.SessionIds);
    }

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        var selection = Selected.ToSelection(After, Before);
        var connection = Selected.Connection;
        var isWhatIf = this.IsWhatIf();
        Work(async (streams, stop) =>
        {
            var look = await Engine.PreviewRollbackAsync(connection, selection, stop).ConfigureAwait(false);
            if (look.OtherWrites is { } otherWrites)
                streams.Warn(otherWrites);
            foreach (var table in look.Tables.Where(t => t.Rewrites.Count > 0))
                streams.Warn($"{table.Table}: a trigger will change {string.Join(", ", table.Rewrites)} of restored rows; this role is not allowed to hold it.");
            if (isWhatIf)
            {
                if (look.Conflicts.Count > 0 && OnConflict == BackfillConflictRule.Stop)
                    streams.Warn(FormattableString.Invariant($"It would be refused: {CountText.Of(look.Conflicts.Count, "row")} in conflict, and -OnConflict is Stop. With -OnConflict Skip, this is what would be done."));
                await PreviewAsync(look, selection, connection, streams).ConfigureAwait(false);
                return;
            }

            if (look.Refusal is { } refusal)
                throw refusal;
            if (look.Conflicts.Count > 0 && OnConflict == BackfillConflictRule.Stop)
                throw RollbackErrors.Conflicts(selection.RunId, look.Conflicts, streams);
            var caption = $"Roll back {RollbackWords.Of(selection, look)} on {connection}?";
            await streams.AskAsync(() => Question.Ask(this, caption, RollbackWords.Counts(look), selection.RunId)).ConfigureAwait(false);
            var done = await Engine.RollBackAsync(connection, selection, OnConflict, Reason, stop).ConfigureAwait(false);
            if (done.Results.Count == 0 && done.Conflicts.Count > 0)
                throw RollbackErrors.Conflicts(selection.RunId, done.Conflicts, streams);
            Report(done, selection, connection, streams);
        });
    }

    private static async Task PreviewAsync(
        RollbackLook look, RollbackSelection selection, BackfillConnection connection, PipelineStreams streams)
    {
        if (look.Busy is { } busy)
            streams.Warn($"It would be refused now: {busy}.");
        var what = $"Roll back {RollbackWords.Of(selection, look)} on {connection}";
        var tables = RollbackWords.Touched(look).ToList();
        await streams.ShouldProcessAsync(tables.Count == 0 ? $"{what}. {RollbackWords.Counts(look)}" : $"{what}:", what, "Roll back").ConfigureAwait(false);
        foreach (var table in tables)
            await streams.ShouldProcessAsync(RollbackWords.Of(table), RollbackWords.Of(table), "Roll back").ConfigureAwait(false);
        foreach (var conflict in look.Conflicts)
        {
            await streams.ShouldProcessAsync($"Leave {conflict}", $"Leave {conflict}", "Roll back").ConfigureAwait(false);
            streams.Write(conflict with { Connection = connection });
        }

        streams.Explain($"{RollbackWords.Of(selection, look)} on {connection}: {RollbackWords.Counts(look)}");
    }

    private static void Report(
        RollbackDone done, RollbackSelection selection, BackfillConnection connection, PipelineStreams streams)
    {
        foreach (var result in done.Results)
            streams.Write(result with { Connection = connection });
        foreach (var conflict in done.Conflicts)
            streams.Warn($"Left as it is: session {conflict.SessionId}, {conflict}.");
        foreach (var table in done.Results.Where(r => !r.Verified))
            streams.Warn($"{table.Table}: a trigger has changed {string.Join(", ", table.RewrittenColumns)} of restored rows, as announced. They are not what they were.");
        if (done.Conflicts.Count == 0 && done.Results.All(r => r.Deleted + r.Restored + r.Reinserted == 0))
            streams.Warn($"No row was left to undo: what was selected of run {selection.RunId} was undone before, or had changed nothing.");
        var left = done.State == BackfillRunState.RolledBack
            ? done.Results.All(r => r.Verified) ? "nothing of it is left" : "what a trigger has changed is left"
            : $"{CountText.Of(done.SessionsLeft, "session is", "sessions are")} not undone, or only in part; Get-BackfillSessionResult -RunId {selection.RunId} -RolledBack:$false lists them";
        streams.Milestone($"Run {selection.RunId} is {done.State}: {left}.", "RunRolledBack");
    }
}
