using Backfill.Engine.Apply.Claim;
using Backfill.Engine.Apply.Settle;
using Backfill.Engine.Plans;

namespace Backfill.Engine.Ledger;

/// <summary>The ledger as a worker uses it. PostgreSQL is the coordinator: every call is one transaction there.</summary>
public interface IRunLedger
{
    /// <summary>Which sessions a plan means: those frozen for its hash before, else those found now. Writes nothing.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="footprint">What its functions touch.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The sessions in order, with warnings.</returns>
    Task<ResolvedPlan> ResolveAsync(BackfillPlan plan, Footprint footprint, CancellationToken cancellationToken);

    /// <summary>Which of the sessions already have the row that an operation is to leave.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="footprint">What functions touch.</param>
    /// <param name="sessions">The sessions asked about.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>Those that have it.</returns>
    Task<IReadOnlySet<Guid>> FindCurrentAsync(
        PlanOperation operation, Footprint footprint, IReadOnlyCollection<Guid> sessions, CancellationToken cancellationToken);

    /// <summary>Which of a plan's sessions would not be called.</summary>
    /// <param name="plan">The plan, for a new run of it.</param>
    /// <param name="runId">The run, where one goes on.</param>
    /// <param name="reprocess">Which settled sessions a new run does again.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The sessions that are settled already.</returns>
    Task<IReadOnlySet<Guid>> FindPassedOverAsync(
        BackfillPlan plan, Guid? runId, BackfillReprocess reprocess, CancellationToken cancellationToken);

    /// <summary>Writes plan, list of sessions and run, all or nothing.</summary>
    /// <param name="request">The run to be.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>What a worker needs to work on it.</returns>
    /// <exception cref="BackfillException"><c>SessionBusy</c>: another run has one of the sessions unsettled.</exception>
    Task<RunTicket> FreezeAsync(RunRequest request, CancellationToken cancellationToken);

    /// <summary>Demands that no other run has one of these sessions unsettled. Writes nothing.</summary>
    /// <param name="sessions">The sessions.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <exception cref="BackfillException"><c>SessionBusy</c>.</exception>
    Task RequireFreeAsync(IReadOnlyCollection<Guid> sessions, CancellationToken cancellationToken);

    /// <summary>What a worker needs to work on a run that exists.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The ticket.</returns>
    /// <exception cref="BackfillException"><c>RunNotFound</c>.</exception>
    Task<RunTicket> OpenAsync(Guid runId, CancellationToken cancellationToken);

    /// <summary>Registers a worker and sets the run running.</summary>
    /// <param name="ticket">The run.</param>
    /// <param name="worker">The worker.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>Where the run stood.</returns>
    /// <exception cref="BackfillException"><c>RunNotResumable</c>: it has ended for good.</exception>
    Task<BackfillRunState> StartAsync(RunTicket ticket, WorkerIdentity worker, CancellationToken cancellationToken);

    /// <summary>Takes the next free slots of the target's one pace, for sessions in hand, once they are near.</summary>
    /// <param name="ticket">The run.</param>
    /// <param name="count">How many; 0 only looks at the pace, and at what is left to do.</param>
    /// <param name="ahead">How far from now the first slot must be, so that a slow answer does not come too late for it.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The slots, and what the run wants.</returns>
    Task<SlotGrant> ReserveSlotsAsync(RunTicket ticket, int count, TimeSpan ahead, CancellationToken cancellationToken);

    /// <summary>Claims sessions, images their rows and writes their first operation rows.</summary>
    /// <param name="ticket">The run.</param>
    /// <param name="worker">Who claims.</param>
    /// <param name="count">How many, at the most.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>What was claimed; fewer than asked for, or none, if others were faster.</returns>
    Task<IReadOnlyList<ClaimedSession>> ClaimAsync(
        RunTicket ticket, WorkerIdentity worker, int count, CancellationToken cancellationToken);

    /// <summary>Writes the operation row of a further attempt, before it may be sent, and looks at the session's rows.</summary>
    /// <param name="ticket">The run.</param>
    /// <param name="claim">The claim.</param>
    /// <param name="operation">The operation.</param>
    /// <param name="attempt">Which attempt.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The session's rows now, once the operation row is committed.</returns>
    /// <exception cref="LeaseLostException">The claim is no longer ours.</exception>
    Task<IReadOnlyList<RowFact>> BeginAttemptAsync(
        RunTicket ticket, ClaimedSession claim, PlanOperation operation, int attempt, CancellationToken cancellationToken);

    /// <summary>Records an attempt and reads the session's rows back.</summary>
    /// <param name="ticket">The run.</param>
    /// <param name="claim">The claim.</param>
    /// <param name="report">The attempt.</param>
    /// <param name="written">The tables it may have written: their rows' new state becomes the last known one.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The session's rows now, with what was known of them until now.</returns>
    /// <exception cref="LeaseLostException">The claim is no longer ours.</exception>
    Task<IReadOnlyList<RowFact>> CheckpointAsync(
        RunTicket ticket,
        ClaimedSession claim,
        OperationReport report,
        IReadOnlyList<string> written,
        CancellationToken cancellationToken);

    /// <summary>
    /// Reads the session's rows back, has <see cref="Verifier"/> judge them, and settles, in one transaction that names the fence.
    /// </summary>
    /// <param name="ticket">The run.</param>
    /// <param name="claim">The claim.</param>
    /// <param name="traces">Its operations in order, and the last that was heard of each.</param>
    /// <param name="foreign">The rows that somebody else has been seen to change.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The settled session.</returns>
    /// <exception cref="LeaseLostException">The claim is no longer ours.</exception>
    Task<BackfillSessionResult> SettleAsync(
        RunTicket ticket,
        ClaimedSession claim,
        IReadOnlyList<OperationTrace> traces,
        IReadOnlyList<RowFact> foreign,
        CancellationToken cancellationToken);

    /// <summary>Gives a claim back unsettled, to be claimed again no sooner than <paramref name="after"/> from now.</summary>
    /// <param name="ticket">The run.</param>
    /// <param name="claim">The claim.</param>
    /// <param name="reports">What was tried.</param>
    /// <param name="after">How long it must wait.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>When it is given back.</returns>
    Task ReleaseAsync(
        RunTicket ticket, ClaimedSession claim, IReadOnlyList<OperationReport> reports, TimeSpan after, CancellationToken cancellationToken);

    /// <summary>Renews the worker's leases and reads what the operator wants.</summary>
    /// <param name="ticket">The run.</param>
    /// <param name="worker">The worker.</param>
    /// <param name="fences">Its claims in hand; any other lease of its runs out.</param>
    /// <param name="waiting">What the worker waits for, and how long it has waited in all.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>What is wanted now, and which claims are still the worker's.</returns>
    Task<Beat> HeartbeatAsync(
        RunTicket ticket,
        WorkerIdentity worker,
        IReadOnlyCollection<long> fences,
        WorkerWaiting waiting,
        CancellationToken cancellationToken);

    /// <summary>How far a run is.</summary>
    /// <param name="ticket">The run.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The figures.</returns>
    Task<RunProgress> ReadProgressAsync(RunTicket ticket, CancellationToken cancellationToken);

    /// <summary>The rows of sessions as they were before the run, and as they are now.</summary>
    /// <param name="ticket">The run.</param>
    /// <param name="sessions">The sessions.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The rows, by table and key.</returns>
    Task<IReadOnlyList<RowImage>> ReadImagesAsync(
        RunTicket ticket, IReadOnlyCollection<Guid> sessions, CancellationToken cancellationToken);

    /// <summary>Counts an attempt, and halts the run if its failures have reached a limit.</summary>
    /// <param name="ticket">The run.</param>
    /// <param name="wentWell">Whether the attempt went well; null where none is to be counted.</param>
    /// <param name="isSettled">Whether a session has failed, so that the share of such sessions is looked at, too.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>Whether a limit is reached.</returns>
    Task<BreakerVerdict> TripBreakerAsync(RunTicket ticket, bool? wentWell, bool isSettled, CancellationToken cancellationToken);

    /// <summary>Lets the whole run wait: nobody claims until the pause is over; then one call finds out whether it is.</summary>
    /// <param name="ticket">The run.</param>
    /// <param name="hold">Why and how long.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>Whether it has just begun, and whether it has lasted too long.</returns>
    Task<RunHoldVerdict> HoldAsync(RunTicket ticket, RunHold hold, CancellationToken cancellationToken);

    /// <summary>Ends a pause: the target has answered.</summary>
    /// <param name="ticket">The run.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>When every worker can see it.</returns>
    Task LiftHoldAsync(RunTicket ticket, CancellationToken cancellationToken);

    /// <summary>Carries an operator's order out.</summary>
    /// <param name="order">The order.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>When workers can see it.</returns>
    /// <exception cref="BackfillException"><c>RunNotFound</c>, or the run's state does not allow it.</exception>
    Task ControlAsync(RunOrder order, CancellationToken cancellationToken);

    /// <summary>Signs a worker off, and ends the run if nothing is left, or stops it as asked.</summary>
    /// <param name="ticket">The run.</param>
    /// <param name="worker">The worker.</param>
    /// <param name="ending">Why it stops.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The run's state after it.</returns>
    Task<BackfillRunState> EndAsync(
        RunTicket ticket, WorkerIdentity worker, WorkerEnding ending, CancellationToken cancellationToken);
}

/// <summary>The claim has passed to another worker: neither call nor settle.</summary>
public sealed class LeaseLostException : BackfillException
{
    /// <summary>Makes the error.</summary>
    /// <param name="claim">The claim that was lost.</param>
    public LeaseLostException(ClaimedSession claim)
        : base(
            "LeaseLost",
            BackfillErrorKind.Busy,
            $"The lease on session {claim.SessionId} has passed to another worker; its outcome is the other worker's to settle.",
            claim.SessionId)
    {
    }
}
