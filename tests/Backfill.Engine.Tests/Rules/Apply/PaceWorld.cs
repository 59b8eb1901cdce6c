using Backfill.Engine.Apply;
using Backfill.Engine.Apply.Call;
using Backfill.Engine.Apply.Claim;
using Backfill.Engine.Apply.Guard;
using Backfill.Engine.Ledger;
using Backfill.Engine.Plans;
using Backfill.Engine.Tests.Rules.Plans;
using Microsoft.Extensions.Time.Testing;

namespace Backfill.Engine.Tests.Rules.Apply;

/// <summary>
/// Workers on one run, on a clock that a test turns, against a ledger in memory whose pace follows the rule of
/// <c>reserve_slots.sql</c>. Everything completes on the thread that turns the clock, so a seed tells the whole story.
/// </summary>
internal sealed class PaceWorld(int perMinute, Random random, WorkingHours? hours = null)
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Ahead = TimeSpan.FromSeconds(1);

    private const string OneFunction = """
        {
          "backfill_plan": {
            "version": "v1.0", "timestamp": "2025-09-17T08:00:00Z", "environment": "staging", "engine_version": "v1.2.1", "fc_version": "v1.2",
            "throttle_per_minute": 20, "batch_size": 5, "total_candidates": 1, "expected_runtime_minutes": 1
          },
          "batches": [{
            "batch_id": "test", "description": "", "session_count": 1,
            "operations": [{"function": "score_prism", "params": {"engine_version": "v1.2.1"}}]
          }]
        }
        """;

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly List<DateTimeOffset> _slots = [];
    private readonly List<DateTimeOffset> _starts = [];
    private readonly List<string> _warnings = [];
    private long _fence;

    /// <summary>From one slot to the next.</summary>
    public TimeSpan Spacing { get; } = TimeSpan.FromSeconds(60.3 / perMinute);

    /// <summary>The slots that were given away, in order.</summary>
    public IReadOnlyList<DateTimeOffset> Slots => _slots;

    /// <summary>When sessions' first calls left, in order.</summary>
    public IReadOnlyList<DateTimeOffset> Starts => _starts;

    /// <summary>What the workers told the operator.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <param name="isFar">Whether one answer of the database in fifty takes up to three seconds on its way.</param>
    /// <param name="roundTrip">How long every answer of the database takes, and some milliseconds more.</param>
    public TestWorker StartWorker(bool isFar = false, TimeSpan roundTrip = default)
    {
        var worker = new TestWorker(this, _clock, isFar, roundTrip);
        worker.Start();
        return worker;
    }

    /// <summary>Turns the clock on.</summary>
    public void Pass(TimeSpan time)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += Step)
            _clock.Advance(Step);
    }

    /// <summary>The most starts in any half-open minute.</summary>
    public int MostInAMinute() =>
        _starts.Max(first => _starts.Count(s => s >= first && s < first + TimeSpan.FromMinutes(1)));

    /// <summary>One worker: the product's own, with a clock that can stall and a life that can end.</summary>
    internal sealed class TestWorker(PaceWorld world, FakeTimeProvider clock, bool isFar, TimeSpan roundTrip) : IFunctionCaller, IAttemptPolicy
    {
        private readonly StallingTime _time = new(clock);
        private bool _isDead;

        /// <summary>Its last answer is never read, its timers fire no more.</summary>
        public void Kill()
        {
            _isDead = true;
            _time.Stop();
        }

        /// <summary>Nothing of it moves for so long: a busy machine, a paused process.</summary>
        public void Stall(TimeSpan time) => _time.StallUntil(clock.GetUtcNow() + time);

        public void Start()
        {
            var plan = PlanTexts.Read(OneFunction).Plan!;
            var settings = new RunSettings(
                world.PerMinute, 64, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1), new(1000, 1, 50));
            var ticket = new RunTicket(Guid.NewGuid(), plan, Footprint.For(plan), new([]), settings, 1_000_000);
            var identity = new WorkerIdentity(Guid.NewGuid(), "a@here", 1);
            var ledger = new PaceLedger(this);
            var database = new DatabaseClock(_time);
            var speed = new DatabasePace(_time);
            var context = new WorkContext(
                ticket, identity, ledger, this, this, new Pacer(ledger, ticket, database, speed, _time), speed, database,
                new LeaseWatch(settings.Lease, _time), new WarningSink(world._warnings), _time)
            {
                Hours = world.Hours,
            };
            _ = new ApplyWorker(context).RunAsync(CancellationToken.None);
        }

        public Task WarmUpAsync(int connections, CancellationToken cancellationToken) => Task.CompletedTask;

        public async Task<FunctionReply> CallAsync(FunctionCall call, CancellationToken cancellationToken)
        {
            world._starts.Add(clock.GetUtcNow());
            await PassAsync(world.Random.Next(0, 300));
            return new() { StatusCode = 200 };
        }

        public Task<AttemptResult> RunAsync(
            Func<int, CancellationToken, Task<AttemptResult>> attempt, Action<AttemptResult, TimeSpan> onRetry, CancellationToken cancellationToken) =>
            attempt(1, cancellationToken);

        /// <summary>The way to the database, the work there, the way back.</summary>
        public async Task<T> AskAsync<T>(Func<T> answer)
        {
            var way = (int)(roundTrip.TotalMilliseconds / 2);
            await PassAsync(way + world.Random.Next(0, 8));
            var result = answer();
            await PassAsync(way + (isFar && world.Random.Next(50) == 0 ? world.Random.Next(3000) : world.Random.Next(0, 8)));
            return result;
        }

        public SlotGrant Reserve(int count, TimeSpan ahead) => world.Reserve(count, ahead);

        public ClaimedSession Claim(RunTicket ticket, WorkerIdentity worker) => new(
            ticket.RunId, worker.WorkerId, Guid.NewGuid(), 1, ticket.Plan.Batches[0].BatchId, ++world._fence, 1, [], []);

        private Task PassAsync(int milliseconds) =>
            _isDead ? new TaskCompletionSource().Task : Task.Delay(TimeSpan.FromMilliseconds(milliseconds), _time);
    }

    private WorkingHours? Hours => hours;

    private int PerMinute => perMinute;

    private Random Random => random;

    private RunControl Control => new(BackfillRunState.Running, BackfillRunIntent.Run, perMinute, 64);

    /// <summary>The rule of the pace: one spacing after the last slot, or now, and no more than a second ahead.</summary>
    private SlotGrant Reserve(int count, TimeSpan ahead)
    {
        var now = _clock.GetUtcNow();
        var next = _slots.Count == 0 ? now : _slots[^1] + Spacing;
        if (count == 0)
            return new(0, TimeSpan.Zero, Spacing, now, true, next - now, Control, true);
        if (next > now + ahead + Ahead)
            return new(0, TimeSpan.Zero, Spacing, now, true, next - ahead - Ahead - now, Control, true);
        var first = next > now + ahead ? next : now + ahead;
        _slots.AddRange(Enumerable.Range(0, count).Select(i => first + i * Spacing));
        return new(count, first - now, Spacing, now, true, null, Control);
    }

    private sealed class WarningSink(List<string> warnings) : IWorkerSink
    {
        public void Settled(BackfillSessionResult result)
        {
        }

        public void Claimed(IReadOnlyList<ClaimedSession> claims)
        {
        }

        public void Released(ClaimedSession claim, TimeSpan after)
        {
        }

        public void BreakerOpened(Guid runId, string reason)
        {
        }

        public void Attempted()
        {
        }

        public void Waited(WorkerWaiting waiting)
        {
        }

        public void Progressed(RunProgress progress, RunControl control, WorkerWaiting waiting)
        {
        }

        public void Guarded(GuardLook look)
        {
        }

        public void Warn(string message) => warnings.Add(message);

        public void Explain(string message)
        {
        }

        public void Milestone(string message, string tag)
        {
        }
    }
}

/// <summary>A clock whose timers can be held up for a while.</summary>
internal sealed class StallingTime(FakeTimeProvider clock) : TimeProvider
{
    /// <summary>A fake timer that nobody holds never fires once the garbage collector has been by.</summary>
    private readonly List<ITimer> _heldUp = [];
    private DateTimeOffset _stalledUntil;
    private bool _hasStopped;

    public override long TimestampFrequency => clock.TimestampFrequency;

    /// <summary>For good.</summary>
    public void Stop() => _hasStopped = true;

    public void StallUntil(DateTimeOffset end) => _stalledUntil = end;

    public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();

    public override long GetTimestamp() => clock.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        clock.CreateTimer(s => Fire(callback, s), state, dueTime, period);

    private void Fire(TimerCallback callback, object? state)
    {
        if (_hasStopped)
            return;
        var left = _stalledUntil - clock.GetUtcNow();
        if (left <= TimeSpan.Zero)
            callback(state);
        else
            _heldUp.Add(clock.CreateTimer(s => Fire(callback, s), state, left, Timeout.InfiniteTimeSpan));
    }
}
