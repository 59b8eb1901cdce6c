using Backfill.Engine.Ledger;
using Backfill.Engine.Tests.Sandbox;
using Backfill.Engine.Tests.Signals;

namespace Backfill.Engine.Tests.Apply;

/// <summary>Orders from elsewhere are obeyed while the run still has work, and kept with who, when and why.</summary>
[Collection(ApplyCollection.Name)]
public sealed class ControlTests(RunWorld world)
{
    /// <summary>An order is obeyed within two seconds; a busy machine may need five times that.</summary>
    private const int MostStartedSince = 20;

    /// <summary>Two sessions a second.</summary>
    private static readonly RunSettings Steady = RunWorld.Quick with { ThrottlePerMinute = 120 };

    [Fact]
    public async Task Suspend_resume_and_stop_are_obeyed()
    {
        await world.FreshAsync();
        var run = await world.FrozenAsync(80, Steady);
        var working = run.ApplyAsync();
        await run.OnceCalledAsync(c => c.Count >= 4);

        var ordered = Arrivals.OfSessions(await run.CallsAsync()).Count;
        await run.OrderAsync(RunAction.Suspend, "too slow elsewhere");
        await run.OnceAsync(r => r.State == BackfillRunState.Suspended);
        var suspended = (await run.CallsAsync()).Count;
        Assert.InRange(Arrivals.OfSessions(await run.CallsAsync()).Count, ordered, ordered + MostStartedSince);
        await Task.Delay(TimeSpan.FromSeconds(1));
        Assert.Equal(suspended, (await run.CallsAsync()).Count);
        Assert.Equal((1, "Suspended", "too slow elsewhere"), await StandingAsync(run));

        await run.OrderAsync(RunAction.Resume, "it is quiet again");
        await run.OnceCalledAsync(c => c.Count > suspended);

        ordered = Arrivals.OfSessions(await run.CallsAsync()).Count;
        await run.OrderAsync(RunAction.Stop, "wrong plan");
        var end = await working;
        Assert.InRange(Arrivals.OfSessions(await run.CallsAsync()).Count, ordered, ordered + MostStartedSince);
        Assert.Equal((BackfillRunState.Aborted, 0, 0), (end.Run.State, end.Run.Remaining, end.Run.Unknown));
        Assert.Equal(80, end.Run.Succeeded + end.Run.NeverCalled);
        Assert.NotEmpty(end.End.Artifacts);
        Assert.Matches("^The run was suspended by operator@console at .*Z: too slow elsewhere\\. ", Assert.Single(end.Sink.Warnings));
        Assert.Contains("operator@console resumed the run.", end.Sink.Milestones);
        await run.MustBeAccountedForAsync();
        Assert.Equal(
            ["Suspend|operator@console|too slow elsewhere", "Resume|operator@console|it is quiet again", "Stop|operator@console|wrong plan"],
            (await run.EventsAsync()).Where(e => e.Contains("operator@console", StringComparison.Ordinal)).Take(3));
        await Assert.ThrowsAsync<BackfillException>(() => run.OrderAsync(RunAction.Resume));
    }

    [Fact]
    public async Task A_suspended_run_takes_no_second_worker_and_goes_on_with_the_first()
    {
        await world.FreshAsync();
        var run = await world.FrozenAsync(8, Steady);
        var working = run.ApplyAsync();
        await run.OnceCalledAsync(c => c.Count >= 1);
        await run.OrderAsync(RunAction.Suspend, "a deploy.");
        await run.OnceAsync(r => r.State == BackfillRunState.Suspended);

        var refused = await Assert.ThrowsAsync<BackfillException>(() => run.ApplyAsync());
        Assert.Equal("RunSuspended", refused.Code);
        Assert.StartsWith($"Run {run.Id} is suspended by operator@console at ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(": a deploy. ", refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, (await run.ReadAsync()).ActiveWorkers);

        await run.OrderAsync(RunAction.Resume);
        Assert.Equal((BackfillRunState.Completed, 8), ((await working).Run.State, (await working).Run.Succeeded));
    }

    [Fact]
    public async Task A_new_pace_holds_and_never_lets_more_through_than_it_says()
    {
        await world.FreshAsync();
        var run = await world.FrozenAsync(100, Steady with { ThrottlePerMinute = 12 });
        var working = run.ApplyAsync();
        await run.OnceCalledAsync(c => c.Count >= 2);

        // At the old pace all of them would take eight minutes.
        await run.OrderAsync(RunAction.Set, "more", throttle: 600);
        await run.OnceCalledAsync(c => Arrivals.OfSessions(c).Count >= 20);

        await run.OrderAsync(RunAction.Set, "less", throttle: 60);
        var since = Arrivals.OfSessions(await run.CallsAsync()).Count;
        await run.OnceCalledAsync(c => Arrivals.OfSessions(c).Count >= since + 6);
        // Some were under way when the order came. Those after them keep their distance, but for 100 ms of lateness.
        var slow = (await run.StartsAsync()).TakeLast(3).ToList();
        Assert.All(slow.Zip(slow.Skip(1)), s => Assert.True((s.Second - s.First).TotalSeconds > 0.85, $"{s.Second - s.First}"));
        await run.OrderAsync(RunAction.Stop);
        var ended = (await working).Run;
        Assert.Equal((60, 600), (ended.ThrottlePerMinute, ended.HighestThrottlePerMinute));
        var metrics = new MetricText(await File.ReadAllTextAsync(Path.Combine(run.OutputPath, "backfill_logs", "metrics.prom")));
        Assert.Equal((60.0, 600.0), (metrics.Of("backfill_pace_limit"), metrics.Of("backfill_pace_limit_highest")));
        Assert.Equal(
            ["Set|operator@console|more", "Set|operator@console|less"],
            (await run.EventsAsync()).Where(e => e.StartsWith("Set", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_higher_concurrency_is_used_though_every_hand_is_full()
    {
        await world.FreshAsync();
        await world.SetAsync(new SandboxFault(SandboxFaultKind.Latency) { Delay = TimeSpan.FromSeconds(5), Count = 5 });
        var run = await world.FrozenAsync(8, RunWorld.Quick with { ConcurrencyLimit = 1, Lease = TimeSpan.FromMinutes(1) });
        var working = run.ApplyAsync();
        await run.OnceCalledAsync(c => c.Count == 1);
        await run.OrderAsync(RunAction.Set, "more hands", concurrency: 5);
        await run.OnceCalledAsync(c => c.Count(call => call.Logged.Outcome is null or "pending") >= 4);
        await working;
        await run.MustHaveSucceededAsync();
    }

    private static async Task<(int Workers, string? WaitingFor, string? Reason)> StandingAsync(TestRun run)
    {
        var standing = await run.OnceAsync(r => r.WaitingFor is not null);
        return (standing.ActiveWorkers, standing.WaitingFor, standing.Reason);
    }
}
