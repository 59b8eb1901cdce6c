using Backfill.Engine.Apply.Claim;
using Backfill.Engine.Connections;
using Backfill.Engine.Plans;
using Polly;

namespace Backfill.Engine.Ledger;

/// <summary>
/// The ledger through a restart of the database: what can be said again without harm is said again. Freezing is not: an
/// operator is there, and an answer that was lost may hide a run.
/// </summary>
internal sealed class ResilientLedger(IRunLedger ledger, PostgresUri where, TimeProvider time) : IRunLedger
{
    private readonly ResiliencePipeline _pipeline = PassingFailures.Pipeline(time);

    public Task<PlanResolution> ResolveAsync(BackfillPlan plan, Footprint footprint, CancellationToken cancellationToken) =>
        OnceAsync(() => ledger.ResolveAsync(plan, footprint, cancellationToken));

    public Task<IReadOnlySet<Guid>> FindCurrentAsync(
        PlanOperation operation, Footprint footprint, IReadOnlyCollection<Guid> sessions, CancellationToken cancellationToken) =>
        OnceAsync(() => ledger.FindCurrentAsync(operation, footprint, sessions, cancellationToken));

    public Task<IReadOnlySet<Guid>> FindPassedOverAsync(
        BackfillPlan plan, Guid? runId, BackfillReprocess reprocess, CancellationToken cancellationToken) =>
        OnceAsync(() => ledger.FindPassedOverAsync(plan, runId, reprocess, cancellationToken));

    public Task<RunTicket> FreezeAsync(RunRequest request, CancellationToken cancellationToken) =>
        OnceAsync(() => ledger.FreezeAsync(request, cancellationToken));

    public Task<RunTicket> OpenAsync(Guid runId, CancellationToken cancellationToken) =>
        OnceAsync(() => ledger.OpenAsync(runId, cancellationToken));

    public Task<BackfillRunState> StartAsync(RunTicket ticket, WorkerIdentity worker, CancellationToken cancellationToken) =>
        AgainAsync(token => ledger.StartAsync(ticket, worker, token), cancellationToken);

    public Task<SlotGrant> ReserveSlotsAsync(RunTicket ticket, int count, TimeSpan ahead, CancellationToken cancellationToken) =>
        AgainAsync(token => ledger.ReserveSlotsAsync(ticket, count, ahead, token), cancellationToken);

    public Task<IReadOnlyList<ClaimedSession>> ClaimAsync(
        RunTicket ticket, WorkerIdentity worker, int count, CancellationToken cancellationToken) =>
        // Claims whose answer was lost are not renewed, so they run out and are taken over.
        AgainAsync(token => ledger.ClaimAsync(ticket, worker, count, token), cancellationToken);

    public Task<IReadOnlyList<RowFact>> BeginAttemptAsync(
        RunTicket ticket, ClaimedSession claim, PlanOperation operation, int attempt, CancellationToken cancellationToken) =>
        AgainAsync(token => ledger.BeginAttemptAsync(ticket, claim, operation, attempt, token), cancellationToken);

    public Task<IReadOnlyList<RowFact>> CheckpointAsync(
        RunTicket ticket, ClaimedSession claim, OperationReport report, IReadOnlyList<string> written, CancellationToken cancellationToken) =>
        AgainAsync(token => ledger.CheckpointAsync(ticket, claim, report, written, token), cancellationToken);

    public Task<BackfillSessionResult> SettleAsync(
        RunTicket ticket, ClaimedSession claim, Func<IReadOnlyList<RowFact>, Settlement> decide, CancellationToken cancellationToken) =>
        AgainAsync(token => ledger.SettleAsync(ticket, claim, decide, token), cancellationToken);

    public Task ReleaseAsync(
        RunTicket ticket, ClaimedSession claim, IReadOnlyList<OperationReport> reports, TimeSpan after, CancellationToken cancellationToken) =>
        AgainAsync(
            async token => { await ledger.ReleaseAsync(ticket, claim, reports, after, token).ConfigureAwait(false); return true; },
            cancellationToken);

    // A beat that is late is no use: the next one comes in a second.
    public Task<Beat> HeartbeatAsync(
        RunTicket ticket,
        WorkerIdentity worker,
        IReadOnlyCollection<long> fences,
        WorkerWaiting waiting,
        CancellationToken cancellationToken) =>
        OnceAsync(() => ledger.HeartbeatAsync(ticket, worker, fences, waiting, cancellationToken));

    public Task<RunProgress> ReadProgressAsync(RunTicket ticket, CancellationToken cancellationToken) =>
        OnceAsync(() => ledger.ReadProgressAsync(ticket, cancellationToken));

    public Task<BreakerVerdict> TripBreakerAsync(
        RunTicket ticket, bool? wentWell, bool isSettled, CancellationToken cancellationToken) =>
        AgainAsync(token => ledger.TripBreakerAsync(ticket, wentWell, isSettled, token), cancellationToken);

    public Task<RunHoldVerdict> HoldAsync(RunTicket ticket, RunHold hold, CancellationToken cancellationToken) =>
        AgainAsync(token => ledger.HoldAsync(ticket, hold, token), cancellationToken);

    public Task LiftHoldAsync(RunTicket ticket, CancellationToken cancellationToken) =>
        AgainAsync(
            async token => { await ledger.LiftHoldAsync(ticket, token).ConfigureAwait(false); return true; }, cancellationToken);

    public Task ControlAsync(RunOrder order, CancellationToken cancellationToken) =>
        OnceAsync(async () => { await ledger.ControlAsync(order, cancellationToken).ConfigureAwait(false); return true; });

    public Task<BackfillRunState> EndAsync(
        RunTicket ticket, WorkerIdentity worker, WorkerEnding ending, CancellationToken cancellationToken) =>
        AgainAsync(token => ledger.EndAsync(ticket, worker, ending, token), cancellationToken);

    private Task<T> OnceAsync<T>(Func<Task<T>> call) => DatabaseErrors.GuardAsync(where, call);

    private Task<T> AgainAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken) =>
        OnceAsync(async () => await _pipeline.ExecuteAsync(
            async token => await call(token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false));
}
