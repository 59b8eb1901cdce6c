using System.Collections.Concurrent;

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

/// <summary>How long each of this worker's leases surely holds, by its own clocks.</summary>
internal sealed class LeaseWatch(TimeSpan lease, TimeProvider time)
{
    /// <summary>A heartbeat renews a lease once a third of it is used, so this much is sure after every beat.</summary>
    private const double SurePart = 0.66;

    private readonly ConcurrentDictionary<long, Moment> _since = [];

    /// <summary>The claims in hand.</summary>
    public IReadOnlyCollection<long> Fences => [.. _since.Keys];

    /// <summary>This moment. A lease counts from before it was asked for: the database's ends no sooner than ours.</summary>
    public Moment Now => new(time.GetTimestamp(), time.GetUtcNow());

    public void Took(long fence, Moment before) => _since[fence] = before;

    public void Renewed(IEnumerable<long> held, Moment before)
    {
        foreach (var fence in held)
        {
            if (_since.TryGetValue(fence, out var since))
                _since.TryUpdate(fence, before, since);
        }
    }

    public void Gave(long fence) => _since.TryRemove(fence, out _);

    /// <summary>Whether a call may still be sent for this claim.</summary>
    public bool Holds(long fence) => _since.TryGetValue(fence, out var since) && Elapsed(since) < lease * SurePart;

    /// <summary>A monotonic clock may stand still while the machine sleeps, and the other one may be set back.</summary>
    private TimeSpan Elapsed(Moment since)
    {
        var (monotonic, clock) = (time.GetElapsedTime(since.Timestamp), time.GetUtcNow() - since.Clock);
        return monotonic > clock ? monotonic : clock;
    }

    public readonly record struct Moment(long Timestamp, DateTimeOffset Clock);
}
