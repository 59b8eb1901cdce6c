using Backfill.Engine.Soak;
using Backfill.Engine.Soak.Checks;
using Microsoft.Extensions.Time.Testing;

namespace Backfill.Engine.Tests.Rules.Soak;

/// <summary>A clock that goes on by itself as soon as somebody waits: hours pass in no time, and every wait is exact.</summary>
internal sealed class LeapingClock(DateTimeOffset start) : FakeTimeProvider(start)
{
    private readonly Lock _leaping = new();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var due = GetUtcNow() + dueTime;
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime > TimeSpan.Zero)
            _ = Task.Run(() => LeapTo(due), CancellationToken.None);
        return timer;
    }

    /// <summary>Of two that wait for the same moment, one leaps.</summary>
    private void LeapTo(DateTimeOffset due)
    {
        lock (_leaping)
        {
            if (GetUtcNow() is var now && now < due)
                Advance(due - now);
        }
    }
}

/// <summary>A target, its ledger and a clock, and processes that watch it.</summary>
internal sealed class SoakWatchWorld : ISoakProbe, ISoakStore
{
    private readonly SortedDictionary<int, SoakSample> _kept = [];
    private SoakEnding? _ending;

    public LeapingClock Time { get; } = new(Healthy.Start);

    public SoakTicket Soak { get; init; } = Healthy.Soak;

    /// <summary>What a look finds, by the sample's number.</summary>
    public Func<int, SoakFacts> Finds { get; init; } = _ => Healthy.Facts;

    /// <summary>Happens before a sample is kept.</summary>
    public Action<SoakSample> BeforeAdd { get; set; } = _ => { };

    public List<SoakQuestion> Questions { get; } = [];

    public IReadOnlyList<SoakSample> Kept
    {
        get
        {
            lock (_kept)
                return [.. _kept.Values];
        }
    }

    public SoakEnding? Ending => _ending;

    public IReadOnlyList<SoakQuery> Queries => [];

    /// <summary>One process that watches, until the end or until it is killed or stopped.</summary>
    public async Task<WatchEnd> WatchAsync(
        SoakLimits? limits = null, bool withLedger = true, Action<SoakSample>? onTaken = null, CancellationToken stop = default)
    {
        var series = new SoakSeries();
        foreach (var sample in withLedger ? Kept : [])
            series.Add(sample);
        var sink = new ListSink(onTaken ?? (_ => { }));
        var clock = new ScaledClock(Time, Healthy.Start, 1);
        var watch = new SoakWatch(Soak, series, this, withLedger ? this : null, clock, limits ?? new(5, StopOnFailure: false), sink);
        return new(await watch.RunAsync(stop), sink.Samples, sink.Warnings);
    }

    public Task<SoakFacts> MeasureAsync(SoakQuestion question, CancellationToken cancellationToken)
    {
        lock (Questions)
            Questions.Add(question);
        return Task.FromResult(Finds(question.Number));
    }

    public Task<bool> AddAsync(SoakTicket soak, SoakSample sample, SoakEnding? ending, CancellationToken cancellationToken)
    {
        BeforeAdd(sample);
        lock (_kept)
        {
            if (_ending is not null || !_kept.TryAdd(sample.Number, sample))
                return Task.FromResult(false);
            _ending = ending;
            return Task.FromResult(true);
        }
    }

    public Task<IReadOnlyList<SoakSample>> ReadAsync(SoakTicket soak, int after, CancellationToken cancellationToken)
    {
        lock (_kept)
            return Task.FromResult<IReadOnlyList<SoakSample>>([.. _kept.Values.Where(s => s.Number > after)]);
    }

    public Task<SoakTicket?> FindLatestAsync(Guid runId, CancellationToken cancellationToken) =>
        Task.FromResult<SoakTicket?>(Soak with { Ending = _ending });

    public Task<SoakTicket> OpenAsync(SoakOrder order, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task EndAsync(SoakTicket soak, SoakEnding ending, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<SoakClockReading> ReadClockAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public static BackfillException NoAnswer { get; } = new("DatabaseUnreachable", BackfillErrorKind.Unreachable, "No answer.");

    private sealed class ListSink(Action<SoakSample> onTaken) : ISoakSink
    {
        public List<SoakSample> Samples { get; } = [];

        public List<string> Warnings { get; } = [];

        public void Taken(SoakSample sample)
        {
            Samples.Add(sample);
            onTaken(sample);
        }

        public void Warn(string message) => Warnings.Add(message);

        public void Progressed(SoakProgress progress)
        {
        }

        public void Explain(string message)
        {
        }

        public void Milestone(string message, string tag)
        {
        }
    }
}

/// <summary>How one process's watch ended, and what it showed.</summary>
internal sealed record WatchEnd(SoakEnding? Ending, IReadOnlyList<SoakSample> Samples, IReadOnlyList<string> Warnings);
