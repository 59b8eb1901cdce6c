using System.Management.Automation;
using Backfill.PowerShell.Bases;
using Backfill.PowerShell.Errors;
using Backfill.PowerShell.Parameters;
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
    [NoCopy(typeof(BackfillRollback), "A rollback by timestamp is a script only: read it, and run it with psql.", Property = "Strategy", Value = "Timestamp")]
    public BackfillRollback? Rollback { get; set; }

    /// <summary>What happens where a row is not as the run left it.</summary>
    [Parameter]
    public BackfillConflictRule OnConflict { get; set; }

    /// <summary>Lets triggers fire that come after the rows, such as those of an audit table. Others are held all the same.</summary>
    [Parameter]
    public SwitchParameter FireTriggers { get; set; }

    /// <summary>Why; kept in the ledger.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ReasonText]
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
        var selection = Selected.ToSelection(After, Before) with { FireTriggers = FireTriggers };
        var connection = Selected.Connection;
        var isWhatIf = this.IsWhatIf();
        Work(async (streams, stop) =>
        {
            var look = await Engine.PreviewRollbackAsync(connection, selection, stop).ConfigureAwait(false);
            if (look.OtherWrites is { } otherWrites)
                streams.Warn(otherWrites);
            if (look.HeldTriggers is { } held)
                streams.Warn(held);
            foreach (var table in look.Tables.Where(t => t.Rewrites.Count > 0))
            {
                streams.Warn(
                    $"{table.Table}: a trigger will change {string.Join(", ", table.Rewrites)} of restored rows; this role can't hold it.");
            }

            if (look.Refusal is { } refusal)
                throw refusal;
            if (isWhatIf)
            {
                await PreviewAsync(look, selection, connection, streams).ConfigureAwait(false);
                // Each conflict has come out as an object.
                if (look.Conflicts.Count > 0 && OnConflict == BackfillConflictRule.Stop)
                    streams.Error(ErrorRecords.Of(RollbackErrors.Conflicts(selection.RunId, look.Conflicts)));
                return;
            }

            if (look.Conflicts.Count > 0 && OnConflict == BackfillConflictRule.Stop)
                throw RollbackErrors.Conflicts(selection.RunId, look.Conflicts, streams);
            var caption = $"Roll back {RollbackWords.Of(selection, look)} on {connection}?";
            await streams.AskAsync(() => Question.Ask(this, caption, RollbackWords.Counts(look), selection.RunId)).ConfigureAwait(false);
            var done = await RollBackAsync(connection, selection, streams, stop).ConfigureAwait(false);
            if (done.Results.Count == 0 && done.Conflicts.Count > 0)
                throw RollbackErrors.Conflicts(selection.RunId, done.Conflicts, streams);
            Report(done, selection, connection, streams);
        });
    }

    /// <summary>Rolls back; where somebody's lock kept it from that, a person is asked whether to go on trying.</summary>
    private async Task<RollbackDone> RollBackAsync(
        BackfillConnection connection, RollbackSelection selection, PipelineStreams streams, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                return await Engine.RollBackAsync(connection, selection, OnConflict, Reason, stop).ConfigureAwait(false);
            }
            catch (BackfillException e) when (e.Code == "RollbackBlocked" && !MyInvocation.BoundParameters.ContainsKey("Confirm"))
            {
                streams.Warn(e.Message);
                if (!await MayTryAgainAsync(selection.RunId, streams).ConfigureAwait(false))
                    throw;
            }
        }
    }

    private async Task<bool> MayTryAgainAsync(Guid runId, PipelineStreams streams)
    {
        var isAgain = false;
        await streams.AskAsync(() =>
        {
            try
            {
                Question.Ask(this, "Try again?", "Nothing was changed so far.", runId);
                isAgain = true;
            }
            catch (BackfillException answer) when (answer.Code is "NotConfirmed" or "ConfirmationNeeded")
            {
                // What kept it from the work is told.
            }
        }).ConfigureAwait(false);
        return isAgain;
    }

    private static async Task PreviewAsync(
        RollbackLook look, RollbackSelection selection, BackfillConnection connection, PipelineStreams streams)
    {
        var what = $"Roll back {RollbackWords.Of(selection, look)} on {connection}";
        var tables = RollbackWords.Touched(look).ToList();
        await streams.ShouldProcessAsync(tables.Count == 0 ? $"{what}. {RollbackWords.Counts(look)}" : $"{what}:", what, "Roll back")
            .ConfigureAwait(false);
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
        {
            streams.Warn(
                $"{table.Table}: as announced, a trigger has changed {string.Join(", ", table.RewrittenColumns)} of restored rows.");
        }

        if (done.Conflicts.Count == 0 && done.Results.All(r => r.Deleted + r.Restored + r.Reinserted == 0))
        {
            streams.Warn(
                $"No row was left to undo: what was selected of run {selection.RunId} was undone before, or had changed nothing.");
        }

        var left = done.State == BackfillRunState.RolledBack
            ? done.Results.All(r => r.Verified) ? "nothing of it is left." : "what a trigger has changed is left."
            : $"{CountText.Of(done.SessionsLeft, "session is", "sessions are")} not undone, or only in part. "
                + $"See them: Get-BackfillSessionResult -RunId {selection.RunId}{connection.GetArgument()} -RolledBack:$false";
        streams.Milestone($"Run {selection.RunId} is {done.State}: {left}", "RunRolledBack");
    }
}
