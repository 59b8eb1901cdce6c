namespace Backfill.Apply;

/// <summary>What the sessions of one worker share.</summary>
internal sealed record WorkContext(
    RunTicket Ticket,
    WorkerIdentity Worker,
    IRunLedger Ledger,
    IFunctionCaller Functions,
    IAttemptPolicy Attempts,
    Pacer Pacer,
    DatabaseClock Clock,
    LeaseWatch Leases,
    IApplySink Sink,
    TimeProvider Time)
{
    private readonly Dictionary<string, IReadOnlyList<PlanOperation>> _operations =
        Ticket.Plan.Batches.ToDictionary(b => b.BatchId, b => (IReadOnlyList<PlanOperation>)b.Operations, StringComparer.Ordinal);

    public IReadOnlyList<PlanOperation> OperationsOf(string batchId) => _operations[batchId];
}

/// <summary>How long this worker's leases surely hold, by its own monotonic clock.</summary>
internal sealed class LeaseWatch(TimeSpan lease, TimeProvider time)
{
    /// <summary>A heartbeat renews a lease once a third of it is used, so this much is sure after every beat.</summary>
    private const double SurePart = 0.66;

    private long _renewed = time.GetTimestamp();

    /// <summary>Called with the moment before the renewal was sent: the database's lease ends no sooner than ours.</summary>
    public void Renewed(long before) => Volatile.Write(ref _renewed, before);

    /// <summary>Whether a call may still be sent for a claim made at <paramref name="claimed"/>.</summary>
    public bool Holds(long claimed) =>
        time.GetElapsedTime(Math.Max(claimed, Volatile.Read(ref _renewed))) < lease * SurePart;
}
