using System.Globalization;
using Backfill.Engine.Apply.Claim;
using Backfill.Engine.Apply.Freeze;
using Backfill.Engine.Apply.Settle;
using Backfill.Engine.Apply.Steer;
using Backfill.Engine.Connections;
using Backfill.Engine.Gates;
using Backfill.Engine.Ledger;
using Backfill.Engine.Plans;
using Backfill.Engine.Reports;
using Backfill.Engine.Reports.Apply;
using Backfill.Engine.Reports.Files;
using Backfill.Engine.Rollback;
using Backfill.Engine.Signals;

namespace Backfill.Engine.Apply;

/// <summary>Phase 1: applies a plan to a target, then writes the artifacts from the ledger.</summary>
/// <param name="connection">The target.</param>
/// <param name="time">The clock.</param>
public sealed class ApplyPhase(BackfillConnection connection, TimeProvider time)
{
    private readonly IRunLedger _ledger = connection.Target.Ledger;

    /// <summary>What a plan would do. Reads only.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The calls.</returns>
    public async Task<ApplyPreview> PreviewAsync(ApplyRequest request, CancellationToken cancellationToken)
    {
        var run = request.RunId is { } runId ? await CheckResumeAsync(runId, request, cancellationToken).ConfigureAwait(false) : null;
        var plan = request.Plan ?? (await OpenAsync(request.RunId!.Value, cancellationToken).ConfigureAwait(false)).Plan;
        ApplyRules.Check(plan, request, connection);
        var footprint = Footprint.For(plan);
        var resolution = await _ledger.ResolveAsync(plan, footprint, cancellationToken).ConfigureAwait(false);
        var sessions = ApplyRules.Select(resolution, request.Selected);
        var settled = await _ledger
            .FindPassedOverAsync(plan, request.RunId, request.Reprocess, cancellationToken).ConfigureAwait(false);
        if (request.RunId is null)
            await _ledger.RequireFreeAsync([.. sessions.Select(s => s.SessionId).Except(settled)], cancellationToken).ConfigureAwait(false);
        var warnings = resolution.Warnings.ToList();
        var reviews = request.RunId is null
            ? (await RunReviews.FindAsync(_ledger, request, sessions, warnings.Add, cancellationToken).ConfigureAwait(false)).Select(r => r.Name)
            : new[] { run?.ReviewAfter }.OfType<string>();
        var preview = await new ApplyPreviewer(_ledger, plan, footprint)
            .PreviewAsync(sessions, settled, warnings, cancellationToken).ConfigureAwait(false);
        return preview with { Batches = [.. preview.Batches, .. reviews.Select(RunReviews.Line)] };
    }

    /// <summary>The run to resume, or to join. Its worker's start looks again whether it may.</summary>
    private async Task<BackfillRun?> CheckResumeAsync(Guid runId, ApplyRequest request, CancellationToken cancellationToken)
    {
        ApplyRules.CheckResume(request);
        await ProductionGate.RequireAsync(connection, runId, cancellationToken).ConfigureAwait(false);
        var run = await connection.Target.Runs.ListAsync(new RunFilter(runId), cancellationToken)
            .FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        if (run is { State: BackfillRunState.Aborted or BackfillRunState.RolledBack })
            throw RunLedger.Ended(runId);
        if (run is { Intent: BackfillRunIntent.Suspend, State: not BackfillRunState.Completed })
            throw RunTransitions.Suspended(run with { Connection = connection });
        if (run is { ReviewAfter: not null })
            await BatchReviewGate.RequireAsync(connection, runId, cancellationToken).ConfigureAwait(false);
        return run;
    }

    /// <summary>
    /// Runs until every session is settled, or it is stopped or halted; then writes the artifacts. A new production run is frozen
    /// only, and waits at its gate.
    /// </summary>
    /// <param name="request">What is asked.</param>
    /// <param name="sink">Where it reports.</param>
    /// <param name="stop">Stops it: no new claims, ten seconds for calls in flight, then the artifacts.</param>
    /// <returns>How it ended.</returns>
    /// <exception cref="BackfillException">
    /// Among others, those of a closed <c>ProdApply</c> gate; see <see cref="GateRules.Check"/>.
    /// </exception>
    public async Task<ApplyEnd> RunAsync(ApplyRequest request, IApplySink sink, CancellationToken stop)
    {
        var notifier = new Notifier(request.NotifyUri, connection, sink.Warn);
        using var signals = PhaseSignals.Open(connection, request.OutputPath, sink.Warn, time);
        using var span = PhaseSignals.Source.StartActivity(SpanNames.Run)?.SetTag(SignalTags.Environment, signals.Environment);
        var signalled = new SignalledApplySink(sink, signals, time);
        var end = await PhaseSignals.TraceAsync(span, RunAsync(request, signalled, signals, stop)).ConfigureAwait(false);
        span?.SetTag(SignalTags.RunId, end.Run.RunId.ToString()).SetTag(SignalTags.State, end.Run.State.ToString());
        signalled.Ended(end.Run);
        await notifier.RunEndedAsync(end.Run, end.Gate).ConfigureAwait(false);
        return end;
    }

    private async Task<ApplyEnd> RunAsync(ApplyRequest request, IWorkerSink sink, PhaseSignals signals, CancellationToken stop)
    {
        ArtifactFolder.MustTakeFiles(request.OutputPath);
        var who = request.Operator ?? RunSteering.ThisOperator;
        var ticket = request.RunId is { } runId
            ? await ResumeAsync(runId, request, who, sink, stop).ConfigureAwait(false)
            : await FreezeAsync(request, who, sink, stop).ConfigureAwait(false);
        if (request.RunId is null && connection.Environment == BackfillEnvironment.Production)
            return await FinishAsync(ticket, who, request.OutputPath, sink, signals).ConfigureAwait(false);
        foreach (var passed in await PassGatesAsync(ticket, stop).ConfigureAwait(false))
        {
            RunSignals.Decided(passed, signals);
            RunSignals.Record([passed], signals);
        }

        await WorkAsync(ticket, request, who, sink, signals, stop).ConfigureAwait(false);
        // The artifacts tell of what was done, so a stopped run has them too.
        return await FinishAsync(ticket, who, request.OutputPath, sink, signals).ConfigureAwait(false);
    }

    /// <summary>The gates before these sessions; each is closed, or used now.</summary>
    private async Task<IReadOnlyList<BackfillGate>> PassGatesAsync(RunTicket ticket, CancellationToken stop)
    {
        var production = await ProductionGate.PassAsync(connection, ticket.RunId, stop).ConfigureAwait(false);
        var review = ticket.HasReviews ? await BatchReviewGate.PassAsync(connection, ticket.RunId, stop).ConfigureAwait(false) : null;
        return [.. new[] { production, review }.OfType<BackfillGate>()];
    }

    /// <summary>Everything between a worker's sign-on and its sign-off: whatever fails there leaves no worker behind.</summary>
    private async Task WorkAsync(
        RunTicket ticket, ApplyRequest request, string who, IWorkerSink sink, PhaseSignals signals, CancellationToken stop)
    {
        var worker = new WorkerIdentity(Guid.CreateVersion7(), who, Environment.ProcessId);
        // Not to be interrupted: whether it has signed on would be open.
        var state = await _ledger.StartAsync(ticket, worker, CancellationToken.None).ConfigureAwait(false);
        var ending = new WorkerEnding(BackfillRunState.Paused, "the worker failed", TimeSpan.Zero, BackfillRunCause.WorkerFailed);
        try
        {
            await BeginAsync(ticket, request, state, sink, signals, stop).ConfigureAwait(false);
            ending = await WorkAsync(ticket, worker, request, sink, signals, stop).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            var outage = e is BackfillException { InnerException: { } cause } known && PassingFailures.Is(cause) ? known : null;
            ending = outage is null
                ? ending with { Reason = $"a worker failed: {e.Message}" }
                : new(BackfillRunState.Halted, $"the database could not be used: {e.Message}", TimeSpan.Zero, BackfillRunCause.DatabaseUnavailable);
            signals.Event(
                EventNames.WorkerFailed,
                EventSeverity.Error,
                e.Message,
                new(SignalTags.RunId, ticket.RunId),
                new(SignalTags.Category, (e as BackfillException)?.Code ?? e.GetType().Name));
            if (outage is null)
                throw;
            throw new BackfillException(
                outage.Code,
                outage.Kind,
                $"{outage.Message} Then resume the run: Invoke-BackfillApply -RunId {ticket.RunId}{connection.GetArgument()}",
                outage.TargetObject,
                outage.InnerException);
        }
        finally
        {
            await SignOffAsync(ticket, worker, ending, sink, signals).ConfigureAwait(false);
        }
    }

    private async Task SignOffAsync(RunTicket ticket, WorkerIdentity worker, WorkerEnding ending, IWorkerSink sink, PhaseSignals signals)
    {
        try
        {
            var left = await _ledger.EndAsync(ticket, worker, ending, CancellationToken.None).ConfigureAwait(false);
            // After a failure nothing else tells where the run stands now. Only others leave it Running.
            RunSignals.Left(left, isLeftToOthers: left == BackfillRunState.Running, signals);
        }
        catch (BackfillException e) when (ending.Cause == BackfillRunCause.DatabaseUnavailable)
        {
            // What is thrown says why. Whoever reads the run sees that no worker is there.
            sink.Warn($"The ledger doesn't know yet that this worker has ended: {e.Message}");
        }
    }

    private async Task BeginAsync(
        RunTicket ticket, ApplyRequest request, BackfillRunState state, IWorkerSink sink, PhaseSignals signals, CancellationToken stop)
    {
        sink.Milestone(
            string.Create(CultureInfo.InvariantCulture, $"Run {ticket.RunId}: {ticket.Total} sessions, at most {ticket.Settings.ThrottlePerMinute} a minute{(ticket.Plan.Ramp is { } ramp ? $", {ramp}" : "")}."),
            "RunStarted");
        RunSignals.Begin(ticket, signals, time.GetUtcNow());
        signals.Event(
            EventNames.RunStarted,
            EventSeverity.Info,
            FormattableString.Invariant($"A worker begins; the run was {state}."),
            new(SignalTags.RunId, ticket.RunId),
            new("backfill.run.total", ticket.Total),
            new("backfill.pace.limit", ticket.Settings.ThrottlePerMinute),
            new("backfill.plan.sha256", ticket.Plan.Hash));
        if (request.RunId is null)
            await IgnoreStopAsync(ReportPassedOverAsync(ticket, sink, stop), stop).ConfigureAwait(false);
        if (request.RunId is not null && state == BackfillRunState.Completed)
            sink.Warn($"Run {ticket.RunId} is completed: nothing is left to do, and its artifacts are written again.");
    }

    /// <summary>Sessions that an earlier run of the plan has done are settled from the start.</summary>
    private async Task ReportPassedOverAsync(RunTicket ticket, IWorkerSink sink, CancellationToken stop)
    {
        var tried = 0;
        var passedOver = connection.Target.Runs.ReadSessionsAsync(ticket.RunId, BackfillOutcome.Skipped, stop);
        await foreach (var result in passedOver.ConfigureAwait(false))
        {
            if (result.Category is not (BackfillCategory.AlreadyApplied or BackfillCategory.AlreadyTried))
                continue;
            tried += result.Category == BackfillCategory.AlreadyTried ? 1 : 0;
            sink.Settled(result);
        }

        if (tried > 0)
        {
            sink.Warn(string.Create(
                CultureInfo.InvariantCulture,
                $"{CountText.Of(tried, "session")} did not succeed in an earlier run of this plan, and {(tried == 1 ? "is" : "are")} passed over. -Reprocess Failed tries them again."));
        }
    }

    private async Task<WorkerEnding> WorkAsync(
        RunTicket ticket, WorkerIdentity worker, ApplyRequest request, IWorkerSink sink, PhaseSignals signals, CancellationToken stop)
    {
        var clock = new DatabaseClock(time);
        var speed = new DatabasePace(time);
        var context = new WorkContext(
            ticket,
            worker,
            _ledger,
            new TracedFunctions(connection.Target.Functions, signals),
            connection.Target.Attempts,
            new Pacer(_ledger, ticket, clock, speed, time),
            speed,
            clock,
            new LeaseWatch(ticket.Settings.Lease, time),
            sink,
            time)
        {
            UnreachableLimit = request.UnreachableLimit ?? ApplyDefaults.UnreachableLimit,
            Events = connection.Target.Runs,
            Hours = ApplyRules.HoursOf(ticket.Settings.Hours),
        };
        context.Guard = new(connection.Target.Guard, ticket, context.Run, sink, time);
        await IgnoreStopAsync(
            context.Functions.WarmUpAsync(ticket.Settings.ConcurrencyLimit, stop), stop).ConfigureAwait(false);
        return await new ApplyWorker(context).RunAsync(stop).ConfigureAwait(false);
    }

    /// <summary>A stop before the first claim is left to the worker, which meets it again and leaves the run paused.</summary>
    private static async Task IgnoreStopAsync(Task work, CancellationToken stop)
    {
        try
        {
            await work.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }

    private async Task<ApplyEnd> FinishAsync(
        RunTicket ticket, string who, string outputPath, IWorkerSink sink, PhaseSignals signals)
    {
        var reader = connection.Target.Runs;
        var run = await reader.ListAsync(new RunFilter(ticket.RunId), CancellationToken.None).FirstAsync().ConfigureAwait(false);
        run = run with { Connection = connection };
        var files = new ArtifactSet();
        // First of all: it is what is needed most when something is wrong.
        var script = run.State == BackfillRunState.Pending
            ? null
            : await WriteScriptAsync(run, who, outputPath, files).ConfigureAwait(false);
        var gates = await new GateService(connection).ReadAsync(ticket.RunId, CancellationToken.None).ConfigureAwait(false);
        var verification = ChangeVerification.Compare(
            ticket.Plan.ExpectedChanges, await reader.ReadChangesAsync(ticket.RunId, CancellationToken.None).ConfigureAwait(false));
        var steps = NextSteps.Of(
            run, await connection.Target.Reports.CountOutcomesAsync(ticket.RunId, CancellationToken.None).ConfigureAwait(false));
        await new ApplyArtifacts(reader, ticket, run, verification, gates, script, steps)
            .WriteAsync(outputPath, files, CancellationToken.None).ConfigureAwait(false);
        var gate = gates.FirstOrDefault(g => g.Status == BackfillGateStatus.Pending);
        var nextStep = gate is null ? null : GateText.Raised(gate, run.State);
        RunSignals.Record(gates, signals);
        if (run.State == BackfillRunState.Pending)
        {
            Raised();
            return new(run, VerificationMet: true, files.Written, gate) { Unwritten = Unwritten(run, script, files), NextStep = nextStep };
        }

        sink.Milestone($"Run {run.RunId} is {run.State}.", $"Run{run.State}");
        Raised();
        return new(
            run,
            verification.Met || run.Total < ticket.Plan.TotalCandidates,
            // The script is named last, as what is left to do.
            [.. files.Written.Where(f => f != script), .. script is null ? [] : new[] { script }],
            gate)
        { Unwritten = Unwritten(run, script, files), NextStep = nextStep, NextSteps = steps };

        void Raised()
        {
            if (gate is null)
                return;
            sink.Milestone(nextStep!, "GateRaised");
            RunSignals.Raised(gate, signals);
        }
    }

    /// <summary>The people who need it most may not have the module at hand.</summary>
    private Task<string?> WriteScriptAsync(BackfillRun run, string who, string outputPath, ArtifactSet files)
    {
        var undo = new RollbackOrder(Guid.CreateVersion7(), new(run.RunId), BackfillConflictRule.Stop, who, null);
        return files.TryAsync(
            RollbackFile.PathOf(outputPath, run, undo.Selection),
            () => new RollbackPhase(connection).WriteScriptAsync(undo, outputPath, CancellationToken.None));
    }

    private static BackfillException? Unwritten(BackfillRun run, string? script, ArtifactSet files)
    {
        var undo = script is not null ? $"The rollback script is there: '{script}'."
            : run.State == BackfillRunState.Pending ? "Nothing was called yet."
            : $"The rollback script is missing: New-BackfillRollback -RunId {run.RunId}{run.Connection?.GetArgument()} -OutputPath ~ writes it to your home folder.";
        var again = run.State == BackfillRunState.Completed
            ? $"Then write all files again: Invoke-BackfillApply -RunId {run.RunId}{run.Connection?.GetArgument()}"
            : $"See the run with Export-BackfillReport -RunId {run.RunId}{run.Connection?.GetArgument()} -Path ~";
        return files.Failure($"run {run.RunId}", run.RunId, $"{undo} {again}");
    }

    private async Task<RunTicket> ResumeAsync(
        Guid runId, ApplyRequest request, string who, IWorkerSink sink, CancellationToken cancellationToken)
    {
        // Before its pace is changed, too.
        var run = await CheckResumeAsync(runId, request, cancellationToken).ConfigureAwait(false);
        if (run is { State: BackfillRunState.Paused or BackfillRunState.Halted, Reason: { } reason, Cause: not BackfillRunCause.BatchReview })
            sink.Warn($"Run {runId} was {run.State}: {reason.TrimEnd('.')}. It is resumed now.");
        if (request is not { ThrottlePerMinute: null, ConcurrencyLimit: null, Name: null, Ticket: null })
        {
            var order = new RunOrder(
                runId, RunAction.Set, "given when the run was resumed", who, request.ThrottlePerMinute, request.ConcurrencyLimit, null, request.Name, request.Ticket);
            await new RunSteering(connection, time).OrderAsync(order, cancellationToken).ConfigureAwait(false);
        }

        return await OpenAsync(runId, cancellationToken).ConfigureAwait(false);
    }

    private async Task<RunTicket> OpenAsync(Guid runId, CancellationToken cancellationToken) =>
        await _ledger.OpenAsync(runId, cancellationToken).ConfigureAwait(false);

    private async Task<RunTicket> FreezeAsync(ApplyRequest request, string who, IWorkerSink sink, CancellationToken cancellationToken)
    {
        var plan = request.Plan!;
        ApplyRules.Check(plan, request, connection);
        var footprint = Footprint.For(plan);
        var resolution = await _ledger.ResolveAsync(plan, footprint, cancellationToken).ConfigureAwait(false);
        foreach (var warning in resolution.Warnings)
            sink.Warn(warning);
        var selected = ApplyRules.Select(resolution, request.Selected);
        var settings = ApplyRules.Settings(plan, request, connection);
        var health = connection.Environment == BackfillEnvironment.Production
            ? await ProductionGate.MeasureAsync(connection, plan, [.. selected.Select(s => s.SessionId)], cancellationToken)
                .ConfigureAwait(false)
            : null;
        var reviews = await RunReviews.FindAsync(_ledger, request, selected, sink.Warn, cancellationToken).ConfigureAwait(false);
        var ticket = await _ledger.FreezeAsync(
            new(
                Guid.CreateVersion7(time.GetUtcNow()), plan, footprint, resolution, request.Selected, settings, request.Reprocess, who,
                request.Name, request.Ticket)
            {
                Reviews = reviews,
            },
            cancellationToken).ConfigureAwait(false);
        foreach (var review in reviews)
            sink.Milestone(RunReviews.Line(review.Name), "ReviewSet");
        if (health is not null)
            await connection.Target.Gates.AddHealthAsync(ticket.RunId, health, cancellationToken).ConfigureAwait(false);
        return ticket;
    }
}
