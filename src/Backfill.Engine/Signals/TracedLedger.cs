using System.Diagnostics;
using Backfill.Engine.Apply.Claim;
using Backfill.Engine.Ledger;
using Backfill.Engine.Plans;

namespace Backfill.Engine.Signals;

/// <summary>The ledger with its claims, settlements and take-overs made visible.</summary>
internal sealed class TracedLedger(IRunLedger ledger, PhaseSignals signals) : IRunLedger
{
    public Task<PlanResolution> ResolveAsync(BackfillPlan plan, Footprint footprint, CancellationToken cancellationToken) =>
        ledger.ResolveAsync(plan, footprint, cancellationToken);

    public Task<IReadOnlySet<Guid>> FindCurrentAsync(
        PlanOperation operation, Footprint footprint, IReadOnlyCollection<Guid> sessions, CancellationToken cancellationToken) =>
        ledger.FindCurrentAsync(operation, footprint, sessions, cancellationToken);

    public Task<IReadOnlySet<Guid>> FindPassedOverAsync(
        BackfillPlan plan, Guid? runId, BackfillReprocess reprocess, CancellationToken cancellationToken) =>
        ledger.FindPassedOverAsync(plan, runId, reprocess, cancellationToken);

    public Task<RunTicket> FreezeAsync(RunRequest request, CancellationToken cancellationToken) =>
        ledger.FreezeAsync(request, cancellationToken);

    public Task<RunTicket> OpenAsync(Guid runId, CancellationToken cancellationToken) => ledger.OpenAsync(runId, cancellationToken);

    public Task<BackfillRunState> StartAsync(RunTicket ticket, WorkerIdentity worker, CancellationToken cancellationToken) =>
        ledger.StartAsync(ticket, worker, cancellationToken);

    public Task<SlotGrant> ReserveSlotsAsync(RunTicket ticket, int count, TimeSpan ahead, CancellationToken cancellationToken) =>
        ledger.ReserveSlotsAsync(ticket, count, ahead, cancellationToken);

    public async Task<IReadOnlyList<ClaimedSession>> ClaimAsync(
        RunTicket ticket, WorkerIdentity worker, int count, CancellationToken cancellationToken)
    {
        using var span = Database(SpanNames.Claim);
        var claims = await ledger.ClaimAsync(ticket, worker, count, cancellationToken).ConfigureAwait(false);
        span?.SetTag("backfill.claim.sessions", claims.Count);
        foreach (var claim in claims)
        {
            var isTakenOver = claim.Number > 1 && claim.Earlier.Any(e => e.Outcome is null);
            if (isTakenOver)
                signals.Instruments.TakeOvers.Add(1, signals.Tags());
            signals.Event(
                EventNames.SessionClaimed,
                isTakenOver ? EventSeverity.Warn : EventSeverity.Info,
                isTakenOver ? "Claimed, from a worker that was lost." : "Claimed.",
                new(SignalTags.RunId, claim.RunId),
                new(SignalTags.SessionId, claim.SessionId),
                new(SignalTags.BatchId, claim.BatchId),
                new("backfill.claim.number", claim.Number));
        }

        return claims;
    }

    public Task<IReadOnlyList<RowFact>> BeginAttemptAsync(
        RunTicket ticket, ClaimedSession claim, PlanOperation operation, int attempt, CancellationToken cancellationToken) =>
        ledger.BeginAttemptAsync(ticket, claim, operation, attempt, cancellationToken);

    public Task<IReadOnlyList<RowFact>> CheckpointAsync(
        RunTicket ticket, ClaimedSession claim, OperationReport report, IReadOnlyList<string> written, CancellationToken cancellationToken) =>
        ledger.CheckpointAsync(ticket, claim, report, written, cancellationToken);

    public async Task<BackfillSessionResult> SettleAsync(
        RunTicket ticket, ClaimedSession claim, Func<IReadOnlyList<RowFact>, Settlement> decide, CancellationToken cancellationToken)
    {
        using var span = Database(SpanNames.Settle);
        return await ledger.SettleAsync(ticket, claim, decide, cancellationToken).ConfigureAwait(false);
    }

    public async Task ReleaseAsync(
        RunTicket ticket, ClaimedSession claim, IReadOnlyList<OperationReport> reports, TimeSpan after, CancellationToken cancellationToken)
    {
        await ledger.ReleaseAsync(ticket, claim, reports, after, cancellationToken).ConfigureAwait(false);
        signals.Event(
            EventNames.SessionReleased,
            EventSeverity.Info,
            after > TimeSpan.Zero ? FormattableString.Invariant($"Given back, to be claimed again in {after.TotalSeconds:0.###} s.") : "Given back.",
            new(SignalTags.RunId, claim.RunId),
            new(SignalTags.SessionId, claim.SessionId));
    }

    public Task<Beat> HeartbeatAsync(
        RunTicket ticket,
        WorkerIdentity worker,
        IReadOnlyCollection<long> fences,
        WorkerWaiting waiting,
        CancellationToken cancellationToken) => ledger.HeartbeatAsync(ticket, worker, fences, waiting, cancellationToken);

    public Task<RunProgress> ReadProgressAsync(RunTicket ticket, CancellationToken cancellationToken) =>
        ledger.ReadProgressAsync(ticket, cancellationToken);

    public async Task<BreakerVerdict> TripBreakerAsync(
        RunTicket ticket, bool? wentWell, bool isSettled, CancellationToken cancellationToken)
    {
        var verdict = await ledger.TripBreakerAsync(ticket, wentWell, isSettled, cancellationToken).ConfigureAwait(false);
        // Sessions that were in hand then fail after it; the breaker has opened once.
        if (verdict is { HasHalted: true, Reason: { } reason })
        {
            signals.Instruments.BreakerOpen.Record(1, signals.Tags());
            signals.Event(EventNames.BreakerOpened, EventSeverity.Error, reason, new KeyValuePair<string, object?>(SignalTags.RunId, ticket.RunId));
        }

        return verdict;
    }

    public Task<RunHoldVerdict> HoldAsync(RunTicket ticket, RunHold hold, CancellationToken cancellationToken) =>
        ledger.HoldAsync(ticket, hold, cancellationToken);

    public Task LiftHoldAsync(RunTicket ticket, CancellationToken cancellationToken) => ledger.LiftHoldAsync(ticket, cancellationToken);

    public Task ControlAsync(RunOrder order, CancellationToken cancellationToken) => ledger.ControlAsync(order, cancellationToken);

    public Task<BackfillRunState> EndAsync(
        RunTicket ticket, WorkerIdentity worker, WorkerEnding ending, CancellationToken cancellationToken) =>
        ledger.EndAsync(ticket, worker, ending, cancellationToken);

    private static Activity? Database(string name) =>
        PhaseSignals.Source.StartActivity(name, ActivityKind.Client)?.SetTag("db.system.name", "postgresql").SetTag("db.namespace", "backfill");
}
