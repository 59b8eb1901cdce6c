using System.Collections.Concurrent;
using Backfill.Engine.Apply;
using Backfill.Engine.Apply.Call;
using Backfill.Engine.Health;
using Backfill.Engine.Rollback;
using Backfill.Engine.Signals;
using Backfill.Engine.Tests.Apply;
using Backfill.Engine.Tests.Health;
using Backfill.Engine.Tests.Sandbox;
using Backfill.Engine.Tests.Soak;

namespace Backfill.Engine.Tests.Signals;

/// <summary>
/// A world in which all that can be signalled has happened once: a run that halted, one whose worker failed, one that was stopped and
/// taken up again, its gates, its soak, a health check and a rollback. All of it in one folder.
/// </summary>
public sealed class SignalWorld : SoakWorld, IAsyncLifetime
{
    private readonly ConcurrentQueue<SignalEvent> _published = new();

    public string Folder { get; } = NewFolder();

    public string EventsPath => Path.Combine(Folder, "backfill_logs", "events.jsonl");

    public string MetricsPath => Path.Combine(Folder, "backfill_logs", "metrics.prom");

    /// <summary>What was published meanwhile in this process, by other tests too.</summary>
    public IReadOnlyCollection<SignalEvent> Published => _published;

    /// <summary>The run that came to its end, as the ledger had it then.</summary>
    public BackfillRun Run { get; private set; } = null!;

    /// <summary>The metrics as they were when that run had ended.</summary>
    public string MetricsOfRun { get; private set; } = "";

    /// <summary>The metrics as they were when the run had halted.</summary>
    public string MetricsOfHalt { get; private set; } = "";

    /// <summary>The metrics as they were when the worker had failed.</summary>
    public string MetricsOfFailure { get; private set; } = "";

    /// <summary>How many sessions all runs have settled.</summary>
    public int Settled { get; private set; }

    public SoakSample LastSample { get; private set; } = null!;

    public new async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        SignalEvents.Published += _published.Enqueue;
        try
        {
            await FreshAsync();
            await HaltAsync();
            await FailAsync();
            await CompleteAsync();
            await SoakAsync();
            await new HealthPhase(Connection, TimeProvider.System).CheckAsync(
                new() { Query = HealthWorld.Query, OutputPath = Folder }, _ => { }, CancellationToken.None);
            await new RollbackPhase(Connection).UndoAsync(
                new(Guid.CreateVersion7(), new(Run.RunId), BackfillConflictRule.Stop, "tester@here", "a test"), CancellationToken.None);
        }
        finally
        {
            SignalEvents.Published -= _published.Enqueue;
        }
    }

    /// <summary>A run whose breaker opens at the first failure.</summary>
    private async Task HaltAsync()
    {
        await SetAsync(new SandboxFault(SandboxFaultKind.Status) { StatusCode = 400 });
        var run = await FrozenAsync(PlanOf(WithBoth[0], WithBoth[1]), Quick with { ConcurrencyLimit = 1, Breaker = new(1, 1, 50) });
        var end = await ApplyAsync(new ApplyRequest { RunId = run.Id, OutputPath = Folder });
        Assert.Equal(BackfillRunState.Halted, end.Run.State);
        Settled += end.Sink.Results.Count;
        MetricsOfHalt = await File.ReadAllTextAsync(MetricsPath);
        await Control.ClearFaultsAsync();
    }

    /// <summary>A run whose worker meets what nobody has thought of.</summary>
    private async Task FailAsync()
    {
        var run = await FrozenAsync(PlanOf(WithBoth[2]), Quick);
        var broken = Around(functions: new()
        {
            Before = (method, _) => method == nameof(IFunctionCaller.CallAsync) ? throw new InvalidOperationException("broken") : Task.CompletedTask,
        });
        await Assert.ThrowsAsync<InvalidOperationException>(() => new ApplyPhase(broken, TimeProvider.System)
            .RunAsync(new() { RunId = run.Id, OutputPath = Folder }, new RecordingSink(), CancellationToken.None));
        Assert.Equal(BackfillRunState.Paused, (await run.ReadAsync()).State);
        MetricsOfFailure = await File.ReadAllTextAsync(MetricsPath);
    }

    /// <summary>A run that is stopped, goes on, is told to go faster, and has a call without an answer.</summary>
    private async Task CompleteAsync()
    {
        await SetAsync(new SandboxFault(SandboxFaultKind.Reset) { Count = 1 });
        var run = await FrozenAsync(PlanOf([.. New.Take(13), .. WithProfile.Take(7)]), Quick with { ThrottlePerMinute = 300 });
        using var stop = new CancellationTokenSource();
        var stopping = new WatchingSink { OnSettled = stop.Cancel };
        await new ApplyPhase(Connection, TimeProvider.System).RunAsync(new() { RunId = run.Id, OutputPath = Folder }, stopping, stop.Token);

        var seen = new TaskCompletionSource();
        var working = new WatchingSink { OnProgressed = () => seen.TrySetResult() };
        var ending = new ApplyPhase(Connection, TimeProvider.System)
            .RunAsync(new() { RunId = run.Id, OutputPath = Folder }, working, CancellationToken.None);
        await seen.Task;
        await run.OrderAsync(RunAction.Set, "faster", throttle: 1200);
        Run = (await ending).Run;
        Assert.Equal((BackfillRunState.Completed, 20), (Run.State, Run.Succeeded));
        Settled += stopping.Settled + working.Settled;
        MetricsOfRun = await File.ReadAllTextAsync(MetricsPath);
    }

    private async Task SoakAsync()
    {
        await ApproveAsync(Run.RunId, BackfillGateName.ApplyReview);
        await PlantAsync(45, DateTimeOffset.UtcNow.AddSeconds(1), TimeSpan.FromMilliseconds(5), scored: true, answered: true);
        var (end, samples) = await SoakAsync(new()
        {
            RunId = Run.RunId, Duration = TimeSpan.FromSeconds(3), Interval = TimeSpan.FromSeconds(1), GracePeriod = TimeSpan.Zero, OutputPath = Folder,
        });
        Assert.Equal(SoakVerdict.Pass, end.Verdict);
        LastSample = samples[^1];
    }

    private sealed class WatchingSink : IApplySink
    {
        private int _settled;

        public Action OnSettled { get; init; } = () => { };

        public Action OnProgressed { get; init; } = () => { };

        public int Settled => _settled;

        void IApplySink.Settled(BackfillSessionResult result)
        {
            Interlocked.Increment(ref _settled);
            OnSettled();
        }

        public void Progressed(ApplyProgress progress) => OnProgressed();

        public void Warn(string message)
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

/// <summary>The tests that share a <see cref="SignalWorld"/>.</summary>
[CollectionDefinition(Name)]
public sealed class SignalCollection : ICollectionFixture<SignalWorld>
{
    public const string Name = "Signals";
}
