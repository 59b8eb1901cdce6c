using System.Diagnostics;
using Backfill.Engine.Apply.Steer;
using Backfill.Engine.Connections;
using Backfill.Engine.Plans;
using Backfill.Engine.Reports.Files;
using Backfill.Engine.Signals;

namespace Backfill.Engine.Rollback;

/// <summary>Undoes a run, or writes down how: from the images in the ledger, and nothing else.</summary>
/// <param name="connection">The target.</param>
public sealed class RollbackPhase(BackfillConnection connection)
{
    private readonly IRollbackStore _store = connection.Target.Rollbacks;

    /// <summary>What it would do now; changes nothing.</summary>
    /// <param name="selection">What is to be undone.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>Counts and conflicts.</returns>
    /// <exception cref="BackfillException"><c>RunNotFound</c>, <c>RunRolledBack</c>, <c>WindowEmpty</c>, and the store's own.</exception>
    public async Task<RollbackLook> LookAsync(RollbackSelection selection, CancellationToken cancellationToken)
    {
        Check(selection);
        var run = await ReadRunAsync(selection.RunId, cancellationToken).ConfigureAwait(false);
        if (run.State == BackfillRunState.RolledBack)
            throw RollbackRefusals.RolledBack(run.RunId);
        var look = await _store.LookAsync(selection, cancellationToken).ConfigureAwait(false);
        return look.Sessions.Count > 0 || selection.IsWholeRun ? Refusable(look, run.RunId) : throw new BackfillException(
            "SelectionEmpty",
            BackfillErrorKind.InvalidInput,
            $"The selection holds no session that run {run.RunId} worked on. An empty selection never means all. "
            + $"See when each was started: Get-BackfillSessionResult -RunId {run.RunId}",
            run.RunId);
    }

    /// <summary>Undoes it.</summary>
    /// <param name="order">What, by whom and why.</param>
    /// <param name="cancellationToken">Stops the call; before the commit, nothing has changed then.</param>
    /// <returns>What was done; with <see cref="BackfillConflictRule.Stop"/> and conflicts, nothing.</returns>
    /// <exception cref="BackfillException">The store's.</exception>
    public async Task<RollbackDone> UndoAsync(RollbackOrder order, CancellationToken cancellationToken)
    {
        Check(order.Selection);
        using var signals = PhaseSignals.Open(connection, null, _ => { }, TimeProvider.System);
        using var span = PhaseSignals.Source.StartActivity(SpanNames.Rollback, ActivityKind.Client)
            ?.SetTag(SignalTags.RunId, order.Selection.RunId.ToString()).SetTag(SignalTags.Environment, signals.Environment);
        var done = await PhaseSignals.TraceAsync(span, _store.UndoAsync(order, cancellationToken)).ConfigureAwait(false);
        signals.Event(
            EventNames.RolledBack,
            EventSeverity.Warn,
            done.Results.Count == 0 ? "Conflicts; nothing was changed." : $"Rolled back; the run is {done.State}.",
            new(SignalTags.RunId, order.Selection.RunId),
            new(SignalTags.State, done.State),
            new("backfill.rollback.sessions_left", done.SessionsLeft),
            new("backfill.rollback.conflicts", done.Conflicts.Count));
        return done;
    }

    /// <summary>Writes the script, and tells what it would do now.</summary>
    /// <param name="selection">What is undone.</param>
    /// <param name="outputPath">Its folder's parent.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The script.</returns>
    public async Task<WrittenRollback> WriteAsync(RollbackSelection selection, string outputPath, CancellationToken cancellationToken)
    {
        var look = await LookAsync(selection, cancellationToken).ConfigureAwait(false);
        var order = new RollbackOrder(Guid.CreateVersion7(), selection, BackfillConflictRule.Stop, RunSteering.ThisOperator, null);
        var path = await WriteScriptAsync(order, outputPath, cancellationToken).ConfigureAwait(false);
        var rollback = new BackfillRollback
        {
            RunId = selection.RunId,
            Strategy = BackfillRollbackStrategy.Image,
            ScriptPath = path,
            Sessions = look.Sessions.Count,
            RowsToDelete = look.Tables.Sum(t => t.ToDelete),
            RowsToRestore = look.Tables.Sum(t => t.ToRestore),
            RowsToReinsert = look.Tables.Sum(t => t.ToReinsert),
            Conflicts = look.Conflicts.Count,
            Connection = connection,
            SessionIds = new([.. look.Sessions]),
            ConflictList = new([.. look.Conflicts.Select(c => c with { Connection = connection })]),
        };
        return new(rollback, look.Busy) { Warnings = [.. new[] { look.OtherWrites, look.HeldTriggers }.OfType<string>()] };
    }

    /// <summary>Writes a script for work that left no images.</summary>
    /// <param name="request">Which rows.</param>
    /// <param name="outputPath">Its folder's parent.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The script.</returns>
    public async Task<BackfillRollback> WriteByTimestampAsync(
        TimestampRollbackRequest request, string outputPath, CancellationToken cancellationToken)
    {
        var plan = request.PlanPath is { } file ? new PlanReader().Read(file).Require()
            : (await connection.Target.Ledger.OpenAsync(request.RunId!.Value, cancellationToken).ConfigureAwait(false)).Plan;
        var (path, sessions) = await WriteTimestampScriptAsync(
            plan, request.Sessions, request.After, request.Before, RunSteering.ThisOperator, outputPath, cancellationToken)
                .ConfigureAwait(false);
        return new()
        {
            RunId = request.RunId ?? Guid.Empty,
            Strategy = BackfillRollbackStrategy.Timestamp,
            ScriptPath = path,
            Sessions = sessions.Count,
            Connection = connection,
            SessionIds = new([.. sessions]),
        };
    }

    /// <summary>Writes the script.</summary>
    /// <param name="order">What, by whom and why.</param>
    /// <param name="outputPath">Its folder's parent.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>Where it was written.</returns>
    public async Task<string> WriteScriptAsync(RollbackOrder order, string outputPath, CancellationToken cancellationToken)
    {
        var selection = order.Selection;
        var run = await ReadRunAsync(selection.RunId, cancellationToken).ConfigureAwait(false);
        var path = RollbackFile.PathOf(outputPath, run, selection);
        return await ArtifactFile.WriteAsync(
            path,
            run.RunId,
            stream => _store.WriteScriptAsync(order, stream, cancellationToken),
            cancellationToken,
            isPrivate: true).ConfigureAwait(false);
    }

    /// <summary>Writes a script for work that left no images, by versions and times.</summary>
    /// <param name="plan">The plan whose functions were called.</param>
    /// <param name="named">Sessions to take in; null for those of the plan.</param>
    /// <param name="after">Rows last written at that time or later.</param>
    /// <param name="before">Rows last written before that time; null for no end.</param>
    /// <param name="who">Who: user and host.</param>
    /// <param name="outputPath">Its folder's parent.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>Where it was written, and the sessions it takes in.</returns>
    /// <exception cref="BackfillException">
    /// <c>SessionsUnknown</c>: the plan does not name its sessions, and no run of it froze them.
    /// </exception>
    public async Task<(string Path, IReadOnlyList<Guid> Sessions)> WriteTimestampScriptAsync(
        BackfillPlan plan,
        IReadOnlyCollection<Guid>? named,
        DateTimeOffset after,
        DateTimeOffset? before,
        string who,
        string outputPath,
        CancellationToken cancellationToken)
    {
        var sessions = named is null ? await SessionsOfAsync(plan, cancellationToken).ConfigureAwait(false) : [.. named.Distinct()];
        var rollback = new TimestampRollback(plan, sessions, after, before, who);
        var path = await ArtifactFile.WriteAsync(
            RollbackFile.TimestampPathOf(outputPath, after),
            Guid.Empty,
            stream => _store.WriteTimestampScriptAsync(rollback, stream, cancellationToken),
            cancellationToken,
            isPrivate: true).ConfigureAwait(false);
        return (path, sessions);
    }

    /// <summary>Sessions that are found now are not those that were worked on then.</summary>
    private async Task<IReadOnlyList<Guid>> SessionsOfAsync(BackfillPlan plan, CancellationToken cancellationToken)
    {
        if (plan.Batches.FirstOrDefault(b => b.SessionCount is not null) is not { } counted)
            return [.. plan.Batches.SelectMany(b => b.Sessions).Distinct()];
        var resolution = await connection.Target.Ledger
            .ResolveAsync(plan, Footprint.For(plan), cancellationToken).ConfigureAwait(false);
        return resolution.WasFrozen ? [.. resolution.Sessions.Select(s => s.SessionId)] : throw new BackfillException(
            "SessionsUnknown",
            BackfillErrorKind.InvalidInput,
            $"Batch {counted.BatchId} of {plan.Path} does not name its sessions, and no run of this plan has frozen them. "
            + "Name them with -SessionId.",
            plan);
    }

    private static RollbackLook Refusable(RollbackLook look, Guid runId) =>
        look.Busy is { } busy ? look with { Refusal = RollbackRefusals.Busy(runId, busy) } : look;

    private static void Check(RollbackSelection selection)
    {
        if (selection.Before <= selection.After)
        {
            throw new BackfillException(
                "WindowEmpty",
                BackfillErrorKind.InvalidInput,
                "-Before must be later than -After: the window holds sessions started at -After or later, and earlier than -Before.",
                selection.RunId);
        }
    }

    private async Task<BackfillRun> ReadRunAsync(Guid runId, CancellationToken cancellationToken) =>
        await connection.Target.Runs.ListAsync(new RunFilter(runId), cancellationToken)
            .FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false)
        ?? throw new BackfillException(
            "RunNotFound",
            BackfillErrorKind.NotFound,
            $"There is no run {runId} in the ledger of {connection}. Connect to the target of the run; Get-BackfillRun lists its runs.",
            runId);
}
