using System.Collections.Concurrent;
using Backfill.Engine.Apply.Call;
using Backfill.Engine.Apply.Claim;
using Backfill.Engine.Apply.Guard;
using Backfill.Engine.Apply.Steer;
using Backfill.Engine.Ledger;
using Backfill.Engine.Plans;

namespace Backfill.Engine.Apply;

/// <summary>What the sessions of one worker share.</summary>
internal sealed record WorkContext(
    RunTicket Ticket,
    WorkerIdentity Worker,
    IRunLedger Ledger,
    IFunctionCaller Functions,
    IAttemptPolicy Attempts,
    Pacer Pacer,
    DatabasePace Speed,
    DatabaseClock Clock,
    LeaseWatch Leases,
    IWorkerSink Sink,
    TimeProvider Time)
{
    /// <summary>The database's clock is known to within the way of an answer: hours end so much early.</summary>
    public static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, IReadOnlyList<PlanOperation>> _operations =
        Ticket.Plan.Batches.ToDictionary(b => b.BatchId, b => (IReadOnlyList<PlanOperation>)b.Operations, StringComparer.Ordinal);

    /// <summary>What is wanted of the run by now.</summary>
    public RunWatch Run { get; } = new(new(
        BackfillRunState.Running, BackfillRunIntent.Run, Ticket.Settings.ThrottlePerMinute, Ticket.Settings.ConcurrencyLimit));

    /// <summary>How long the run waits for an API that can't be reached, before it halts.</summary>
    public TimeSpan UnreachableLimit { get; init; } = ApplyDefaults.UnreachableLimit;

    /// <summary>When sessions may be begun; null for any time.</summary>
    public WorkingHours? Hours { get; init; }

    /// <summary>Whether a session may be begun now, by the database's clock.</summary>
    public bool IsInHours => Hours is not { } hours || (hours.IsOpen(Clock.Now) && hours.IsOpen(Clock.Now + Moment));

    /// <summary>Watches the target's signals; null where nobody does.</summary>
    public TargetGuard? Guard { get; set; }

    /// <summary>Where it reads who ordered what; null where nobody is told.</summary>
    public IRunReader? Events { get; init; }

    public IReadOnlyList<PlanOperation> OperationsOf(string batchId) => _operations[batchId];

    /// <summary>A claim that was to find out whether the run is to be held any longer has called nothing: another one does.</summary>
    public Task<RunHoldVerdict> ProbeAgainAsync() => Ledger.HoldAsync(
        Ticket,
        new(Run.Control.Hold is { } cause and not RunHoldCause.TargetBusy ? cause : RunHoldCause.RetryAfter, TimeSpan.Zero, IsProbe: true),
        CancellationToken.None);

    /// <summary>Gives a session back, to be claimed again after so long.</summary>
    public async Task ReleaseAsync(ClaimedSession claim, IReadOnlyList<OperationReport> reports, TimeSpan after)
    {
        await Ledger.ReleaseAsync(Ticket, claim, reports, after, CancellationToken.None).ConfigureAwait(false);
        Sink.Released(claim, after);
    }

    /// <summary>Says once that the run waits for the database.</summary>
    public void TellIfSlow()
    {
        if (Speed.IsNews())
        {
            Sink.Warn(FormattableString.Invariant(
                $"The database doesn't keep up with the pace: a round trip takes {Speed.RoundTrip.TotalMilliseconds:0} ms. The run continues at a slower pace."));
        }
    }
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
