using Backfill.Engine.Apply.Claim;
using Backfill.Engine.Apply.Settle;
using Backfill.Engine.Ledger;
using Backfill.Engine.Plans;

namespace Backfill.Engine.Tests.Rules.Apply;

/// <summary>A worker's ledger in memory: its world's pace, work without end, and sessions that all succeed.</summary>
internal sealed class PaceLedger(PaceWorld.TestWorker worker) : IRunLedger
{
    public Task<SlotGrant> ReserveSlotsAsync(RunTicket ticket, int count, TimeSpan ahead, CancellationToken cancellationToken) =>
        worker.AskAsync(() => worker.Reserve(count, ahead));

    public Task<IReadOnlyList<ClaimedSession>> ClaimAsync(
        RunTicket ticket, WorkerIdentity identity, int count, CancellationToken cancellationToken) =>
        worker.AskAsync<IReadOnlyList<ClaimedSession>>(() => [.. Enumerable.Range(0, count).Select(_ => worker.Claim(ticket, identity))]);

    public Task<IReadOnlyList<RowFact>> BeginAttemptAsync(
        RunTicket ticket, ClaimedSession claim, PlanOperation operation, int attempt, CancellationToken cancellationToken) =>
        worker.AskAsync<IReadOnlyList<RowFact>>(() => []);

    public Task<IReadOnlyList<RowFact>> CheckpointAsync(
        RunTicket ticket, ClaimedSession claim, OperationReport report, IReadOnlyList<string> written, CancellationToken cancellationToken) =>
        worker.AskAsync<IReadOnlyList<RowFact>>(() => []);

    public Task<BackfillSessionResult> SettleAsync(
        RunTicket ticket,
        ClaimedSession claim,
        IReadOnlyList<OperationTrace> traces,
        IReadOnlyList<RowFact> foreign,
        CancellationToken cancellationToken) =>
        worker.AskAsync(() => new BackfillSessionResult
        {
            RunId = claim.RunId,
            BatchId = claim.BatchId,
            Ordinal = claim.Ordinal,
            SessionId = claim.SessionId,
            Outcome = BackfillOutcome.Succeeded,
            Operations = new([new() { Function = traces[0].Operation.Function, Attempts = 1, Outcome = BackfillOutcome.Succeeded }]),
        });

    public Task<Beat> HeartbeatAsync(
        RunTicket ticket,
        WorkerIdentity identity,
        IReadOnlyCollection<long> fences,
        WorkerWaiting waiting,
        CancellationToken cancellationToken) =>
        worker.AskAsync(() => new Beat(new(BackfillRunState.Running, BackfillRunIntent.Run, ticket.Settings.ThrottlePerMinute, 64), fences));

    public Task<BreakerVerdict> TripBreakerAsync(RunTicket ticket, bool? wentWell, bool isSettled, CancellationToken cancellationToken) =>
        worker.AskAsync(() => new BreakerVerdict(null, false, 0));

    public Task<RunProgress> ReadProgressAsync(RunTicket ticket, CancellationToken cancellationToken) =>
        worker.AskAsync(() => new RunProgress(1, 0, 0, 0, 0, 0, 1));

    // Nothing of this is asked for: no session is given back, nothing is held, and the run is there and never ends.
    public Task ReleaseAsync(
        RunTicket ticket, ClaimedSession claim, IReadOnlyList<OperationReport> reports, TimeSpan after, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<RunHoldVerdict> HoldAsync(RunTicket ticket, RunHold hold, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task LiftHoldAsync(RunTicket ticket, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<ResolvedPlan> ResolveAsync(BackfillPlan plan, Footprint footprint, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IReadOnlySet<Guid>> FindCurrentAsync(
        PlanOperation operation, Footprint footprint, IReadOnlyCollection<Guid> sessions, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IReadOnlySet<Guid>> FindPassedOverAsync(
        BackfillPlan plan, Guid? runId, BackfillReprocess reprocess, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<RunTicket> FreezeAsync(RunRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task RequireFreeAsync(IReadOnlyCollection<Guid> sessions, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<RunTicket> OpenAsync(Guid runId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<BackfillRunState> StartAsync(RunTicket ticket, WorkerIdentity identity, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task ControlAsync(RunOrder order, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<BackfillRunState> EndAsync(
        RunTicket ticket, WorkerIdentity identity, WorkerEnding ending, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IReadOnlyList<RowImage>> ReadImagesAsync(
        RunTicket ticket, IReadOnlyCollection<Guid> sessions, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
