using System.Globalization;
using Backfill.Engine.Apply;
using Backfill.Engine.Apply.Steer;
using Backfill.Engine.Connections;
using Backfill.Engine.Gates;
using Backfill.Engine.Health;
using Backfill.Engine.Plans;
using Backfill.Engine.Signals;
using Backfill.Engine.Soak;

namespace Backfill.Engine.Pipeline;

/// <summary>
/// Runs the three phases up to the next closed gate. Keeps nothing of its own: where it stands is what the ledger says, so it is
/// gone on with by the same call, here or elsewhere, and nothing is done twice.
/// </summary>
/// <param name="staging">The staging target.</param>
/// <param name="production">The production target; null halts before the third phase.</param>
/// <param name="time">The clock.</param>
public sealed class PipelineDirector(BackfillConnection staging, BackfillConnection? production, TimeProvider time)
{
    /// <summary>What is read before a decision on a run.</summary>
    private const string ApplyFiles = "backfill_summary.md and backfill_logs/execution_results.json";

    private readonly GateService _desk = new(staging);

    /// <summary>With two targets connected, a command that names none is refused, or looks at the wrong one.</summary>
    private string OnStaging => production is null ? staging.GetArgument() : $" -Connection {staging.GetName()}";

    /// <summary>Goes as far as gates allow.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="sink">Where it reports.</param>
    /// <param name="stop">Stops it where it is.</param>
    /// <returns>When a phase has failed or halted, or all are done.</returns>
    /// <exception cref="BackfillException">
    /// <c>PipelineNeedsStaging</c>, <c>PipelineNeedsProduction</c>, <c>WindowEmpty</c>: it is not even begun.
    /// </exception>
    public async Task RunAsync(PipelineRequest request, IPipelineSink sink, CancellationToken stop)
    {
        await RequireAsync(request, stop).ConfigureAwait(false);
        Guid? runId = null;
        foreach (var phase in Enum.GetValues<BackfillPhase>())
        {
            BackfillPipelineStep step;
            try
            {
                step = phase switch
                {
                    BackfillPhase.Apply => await ApplyAsync(request, sink.Apply, stop).ConfigureAwait(false),
                    BackfillPhase.Soak => await SoakAsync(request, runId!.Value, sink.Soak, stop).ConfigureAwait(false),
                    _ => await HealthAsync(request, runId!.Value, sink.Apply.Warn, stop).ConfigureAwait(false),
                };
            }
            catch (BackfillException e)
            {
                sink.Ended(Step(phase, BackfillPipelineStatus.Failed, runId ?? e.TargetObject as Guid?, e.Message));
                sink.Failed(e);
                return;
            }

            sink.Ended(step);
            if (step.Status != BackfillPipelineStatus.Done)
                return;
            runId = step.RunId;
        }
    }

    /// <summary>Throws what keeps a pipeline from beginning, and changes nothing.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="stop">Stops the call.</param>
    /// <exception cref="BackfillException"><c>PipelineNeedsStaging</c>, <c>PipelineNeedsProduction</c>, <c>WindowEmpty</c>.</exception>
    public async Task RequireAsync(PipelineRequest request, CancellationToken stop)
    {
        Check(request);
        // Not after hours of soak.
        await new HealthPhase(production ?? staging, time).RequirePastAsync(request.Since, stop).ConfigureAwait(false);
    }

    private void Check(PipelineRequest request)
    {
        if (request.Plan.Environment != BackfillEnvironment.Staging || staging.Environment != BackfillEnvironment.Staging)
        {
            throw new BackfillException(
                "PipelineNeedsStaging",
                BackfillErrorKind.Refused,
                $"A pipeline begins on staging, but the plan is {request.Plan} and the connection leads to {staging}. "
                + "Apply a production plan with Invoke-BackfillApply, through its gate.",
                request.Plan);
        }

        if (production is not null && production.Environment != BackfillEnvironment.Production)
        {
            throw new BackfillException(
                "PipelineNeedsProduction",
                BackfillErrorKind.Refused,
                $"-ProductionConnection leads to {production}. Connect to production, or leave it out: the pipeline then halts before its last phase.",
                production);
        }
    }

    private async Task<BackfillPipelineStep> ApplyAsync(PipelineRequest request, IApplySink sink, CancellationToken stop)
    {
        var found = await staging.Target.Runs.ListAsync(new RunFilter(), stop)
            .FirstOrDefaultAsync(r => r.PlanHash == request.Plan.Hash, stop).ConfigureAwait(false);
        if (found is not null)
        {
            var step = found.State switch
            {
                BackfillRunState.Completed => Applied(found, []),
                _ when found.Intent == BackfillRunIntent.Suspend && found.State != BackfillRunState.Aborted
                    && found.State != BackfillRunState.RolledBack =>
                    Step(BackfillPhase.Apply, BackfillPipelineStatus.Halted, found.RunId, RunTransitions.Suspended(found with { Connection = staging }).Message),
                BackfillRunState.Halted or BackfillRunState.Aborted or BackfillRunState.RolledBack =>
                    await FailedStepAsync(found, stop).ConfigureAwait(false),
                _ when await AtReviewAsync(found, [], stop).ConfigureAwait(false) is { } atReview => atReview,
                _ => await GoOnAsync(found.RunId, request, sink, stop).ConfigureAwait(false),
            };
            if (step.Status != BackfillPipelineStatus.Done || !await IsTrialAsync(found, request.Plan, sink, stop).ConfigureAwait(false))
                return step;
        }

        // In a new run, what an earlier one has done is passed over.
        return await GoOnAsync(null, request, sink, stop).ConfigureAwait(false);
    }

    /// <summary>Whether a run was limited to some of the plan's sessions: it speaks for these, and not for the plan.</summary>
    private async Task<bool> IsTrialAsync(BackfillRun run, BackfillPlan plan, IApplySink sink, CancellationToken stop)
    {
        var all = (await staging.Target.Ledger.ResolveAsync(plan, Footprint.For(plan), stop).ConfigureAwait(false)).Sessions.Count;
        if (run.Total >= all)
            return false;
        sink.Explain(
            Text($"Run {run.RunId} was of {run.Total} of the plan's {all} sessions. What it has not done is applied by another run."));
        return true;
    }

    private async Task<BackfillPipelineStep> GoOnAsync(Guid? runId, PipelineRequest request, IApplySink sink, CancellationToken stop)
    {
        var end = await new ApplyPhase(staging, time).RunAsync(
            runId is null
                ? new()
                {
                    Plan = request.Plan,
                    OutputPath = request.OutputPath,
                    ThrottlePerMinute = request.ThrottlePerMinute,
                    ConcurrencyLimit = request.ConcurrencyLimit,
                    Hours = request.Hours,
                    ReviewAfter = request.ReviewAfter,
                    NotifyUri = request.NotifyUri,
                }
                : new() { RunId = runId, OutputPath = request.OutputPath, NotifyUri = request.NotifyUri },
            sink,
            stop).ConfigureAwait(false);
        // The gate that comes next is decided on these files.
        if (end.Unwritten is { } unwritten)
            throw unwritten;
        return end.Run.State switch
        {
            BackfillRunState.Completed => Applied(end.Run, end.Artifacts),
            BackfillRunState.Halted or BackfillRunState.Aborted =>
                (await FailedStepAsync(end.Run, stop).ConfigureAwait(false)) with { Artifacts = new([.. end.Artifacts]) },
            _ when await AtReviewAsync(end.Run, end.Artifacts, stop).ConfigureAwait(false) is { } atReview => atReview,
            _ => Step(
                BackfillPhase.Apply,
                BackfillPipelineStatus.Halted,
                end.Run.RunId,
                end.Run.Intent == BackfillRunIntent.Suspend
                    ? RunTransitions.Suspended(end.Run).Message
                    : $"Run {end.Run.RunId} is {end.Run.State}{(end.Run.Reason is { } reason ? $": {reason.TrimEnd('.')}" : "")}. The same command resumes it.",
                end.Artifacts),
        };
    }

    /// <summary>The halt at a review that is due; null where none is, or it is approved, so that the run can go on.</summary>
    private async Task<BackfillPipelineStep?> AtReviewAsync(BackfillRun run, IReadOnlyList<string> artifacts, CancellationToken stop)
    {
        if (run.Cause != BackfillRunCause.BatchReview)
            return null;
        var gate = await _desk.FindAsync(run.RunId, BackfillGateName.BatchReview, stop).ConfigureAwait(false);
        return gate is { ChainBreak: null, Status: BackfillGateStatus.Approved or BackfillGateStatus.Used } ? null
            : AtGate(BackfillPhase.Apply, gate, ApplyFiles) with { Artifacts = new([.. artifacts]) };
    }

    /// <summary>A run that did not come to its end is gone on with by a person, not by a pipeline that is called again and again.</summary>
    private async Task<BackfillPipelineStep> FailedStepAsync(BackfillRun run, CancellationToken stop)
    {
        var gate = await _desk.FindAsync(run.RunId, BackfillGateName.ApplyReview, stop).ConfigureAwait(false);
        if (run.State != BackfillRunState.RolledBack
            && gate is { ChainBreak: null, Status: BackfillGateStatus.Approved or BackfillGateStatus.Used })
            return Applied(run, []);
        var why = $"Run {run.RunId} is {run.State}{(run.Reason is { } reason ? $": {reason.TrimEnd('.')}" : "")}.";
        return Step(BackfillPhase.Apply, BackfillPipelineStatus.Failed, run.RunId, run.State == BackfillRunState.Halted
            ? $"{why} Fix the cause, resume the run, and call the pipeline again: Invoke-BackfillApply -RunId {run.RunId}{OnStaging}"
            : $"{why} The pipeline continues from a new run of the plan: Invoke-BackfillApply{OnStaging}");
    }

    private BackfillPipelineStep Applied(BackfillRun run, IReadOnlyList<string> artifacts) => Step(
        BackfillPhase.Apply,
        BackfillPipelineStatus.Done,
        run.RunId,
        Text($"Run {run.RunId} is {run.State}: {run.Succeeded} of {run.Total} sessions succeeded, {run.Skipped} skipped, {run.NeverCalled} never called, {run.Failed + run.NoEffect + run.Unknown} without success, {run.Remaining} left."),
        artifacts);

    private async Task<BackfillPipelineStep> SoakAsync(PipelineRequest request, Guid runId, ISoakSink sink, CancellationToken stop)
    {
        var latest = await staging.Target.Soaks.FindLatestAsync(runId, stop).ConfigureAwait(false);
        var gate = await _desk.FindAsync(runId, BackfillGateName.ApplyReview, stop).ConfigureAwait(false);
        // An approval that was used for a soak which then never began belongs to a next one.
        if (latest is { Ending: { } ending } && gate is { Status: BackfillGateStatus.Used, ChainBreak: null }
            && gate.UsedFor == ApprovalUse.Name(latest.SoakId))
            return Soaked(runId, ending.Verdict, ending.Reason, []);
        if (latest is not { Ending: null }
            && !(gate is { Status: BackfillGateStatus.Approved or BackfillGateStatus.Used, ChainBreak: null }))
        {
            Signal(gate, isUse: false, request.OutputPath, sink.Warn);
            return AtGate(BackfillPhase.Soak, gate, ApplyFiles);
        }

        var isNew = latest is not { Ending: null };
        var end = await new SoakPhase(staging, time).RunAsync(
            new()
            {
                RunId = runId,
                OutputPath = request.OutputPath,
                NotifyUri = request.NotifyUri,
                // A soak under way keeps what it was begun with.
                Duration = isNew ? request.Duration : null,
                Interval = isNew ? request.Interval : null,
                Baseline = isNew ? request.Baseline : null,
                MinimumSample = isNew ? request.MinimumSample : null,
                GracePeriod = isNew ? request.GracePeriod : null,
            },
            sink,
            stop).ConfigureAwait(false);
        if (end.Unwritten is { } unwritten)
            throw unwritten;
        return end.CanGoOn
            ? Step(BackfillPhase.Soak, BackfillPipelineStatus.Halted, runId, "The soak was stopped. The same command resumes it in the same window.", end.Artifacts)
            : Soaked(runId, end.Verdict, end.Reason, end.Artifacts);
    }

    private BackfillPipelineStep Soaked(Guid runId, SoakVerdict verdict, string? reason, IReadOnlyList<string> artifacts) => Step(
        BackfillPhase.Soak,
        BackfillPipelineStatus.Done,
        runId,
        $"The soak's verdict is {verdict}{(reason is null ? "" : $": {reason.TrimEnd('.')}")}.",
        artifacts);

    private async Task<BackfillPipelineStep> HealthAsync(PipelineRequest request, Guid runId, Action<string> warn, CancellationToken stop)
    {
        var gate = await _desk.FindAsync(runId, BackfillGateName.SoakGoNoGo, stop).ConfigureAwait(false);
        var isOpen = gate is { ChainBreak: null, Status: BackfillGateStatus.Approved } or { ChainBreak: null, Status: BackfillGateStatus.Used, UsedFor: ApprovalUse.ProdHealth };
        if (!isOpen || production is null)
            Signal(gate, isUse: false, request.OutputPath, warn);
        if (!isOpen)
            return AtGate(BackfillPhase.ProdHealth, gate, "staging_observability.md");
        if (production is null)
        {
            return Step(
                BackfillPhase.ProdHealth,
                BackfillPipelineStatus.Halted,
                runId,
                $"Production has not been looked at. Connect to it, and call the pipeline again with -Connection {staging.GetName()} -ProductionConnection Production");
        }

        var used = await _desk.UseAsync(runId, BackfillGateName.SoakGoNoGo, ApprovalUse.ProdHealth, stop).ConfigureAwait(false);
        Signal(used, isUse: true, request.OutputPath, warn);
        var report = await new HealthPhase(production, time).CheckAsync(
            new()
            {
                OutputPath = request.OutputPath,
                BatchSize = request.Plan.BatchSize,
                Query = new(
                    request.Since, null, request.Plan.EngineVersion, request.Plan.FcVersion, null, HealthDefaults.StatementTimeout),
            },
            warn,
            stop).ConfigureAwait(false);
        var step = Step(
            BackfillPhase.ProdHealth,
            report.Status == ProdHealthStatus.NothingAnalyzed ? BackfillPipelineStatus.Failed : BackfillPipelineStatus.Done,
            runId,
            Text($"Production is {report.Status}: {report.NeedingBackfill} of {report.SessionsAnalyzed} sessions need a backfill, {report.NotBackfillable} can't have one{(report.UndatedSessions > 0 ? Text($", and {report.UndatedSessions} completed ones have no completed_at: {HealthPhase.ReportName} names them") : "")}."),
            [.. new[] { report.ReportPath, report.PlanPath }.OfType<string>()]);
        return report.PlanPath is null ? step : await ProductionOutlook.AddAsync(production, step, report, stop).ConfigureAwait(false);
    }

    /// <summary>
    /// A gate of staging as it stands, for whoever monitors: the command that has decided it has no folder. It is over before
    /// production's phase writes to the same files.
    /// </summary>
    private void Signal(BackfillGate gate, bool isUse, string outputPath, Action<string> warn)
    {
        using var signals = PhaseSignals.Open(staging, outputPath, warn, time);
        RunSignals.Record([gate], signals);
        if (isUse)
            RunSignals.Decided(gate, signals);
    }

    private BackfillPipelineStep AtGate(BackfillPhase phase, BackfillGate gate, string files)
    {
        if (gate.ChainBreak is not null)
            throw GateText.ChainBroken(gate);
        return Step(
            phase, BackfillPipelineStatus.Halted, gate.RunId, GateText.Closed(gate with { Connection = gate.Connection ?? staging }, files)) with
        { Gate = gate.Name };
    }

    private BackfillPipelineStep Step(
        BackfillPhase phase, BackfillPipelineStatus status, Guid? runId, string message, IReadOnlyList<string>? artifacts = null) => new()
        {
            Phase = phase,
            Status = status,
            RunId = runId,
            Message = message,
            Connection = staging,
            Artifacts = new([.. artifacts ?? []]),
        };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
