using Backfill.Engine.Apply;
using Backfill.Engine.Apply.Call;
using Backfill.Engine.Tests.Signals;

namespace Backfill.Engine.Tests.Apply;

/// <summary>Several workers on one run, and several runs on one target.</summary>
[Collection(HoldCollection.Name)]
public sealed class SharedRunTests(RunWorld world)
{
    [Fact]
    public async Task Three_workers_on_one_run_do_each_session_once()
    {
        await world.FreshAsync();
        var run = await world.FrozenAsync(60, RunWorld.Quick with { ThrottlePerMinute = 2400, ConcurrencyLimit = 4 });
        var ends = await Task.WhenAll(run.ApplyAsync(), run.ApplyAsync(), run.ApplyAsync());
        await run.MustHaveSucceededAsync();
        Assert.All(ends, e => Assert.Equal(BackfillRunState.Completed, e.Run.State));
        Assert.All(ends, e => Assert.NotEmpty(e.Sink.Results));
        Assert.Equal(run.Sessions.Order(), ends.SelectMany(e => e.Sink.Results).Select(r => r.SessionId).Order());
        Assert.Equal(120, (await run.CallsAsync()).Count);
    }

    [Fact]
    public async Task A_worker_that_leaves_a_run_to_another_says_no_more_where_it_stands()
    {
        await world.FreshAsync();
        var run = await world.FrozenAsync(60, RunWorld.Quick with { ThrottlePerMinute = 600, ConcurrencyLimit = 4, Lease = TimeSpan.FromSeconds(5) });
        var (staying, leaving) = (ApplyWorld.NewFolder(), ApplyWorld.NewFolder());
        using var stop = new CancellationTokenSource();
        using var end = new CancellationTokenSource();
        var other = ApplyAsync(run, staying, end.Token);
        var first = ApplyAsync(run, leaving, stop.Token);
        await run.OnceAsync(r => r is { ActiveWorkers: 2, Succeeded: > 0 });
        await stop.CancelAsync();
        Assert.Equal((BackfillRunState.Running, 1), ((await first).Run.State, (await first).Run.ActiveWorkers));
        var left = MetricsIn(leaving);
        Assert.Equal((0.0, 0.0, double.NaN), (left.Sum("backfill_run_state"), left.Of("backfill_breaker_open"), left.Of("backfill_run_remaining")));

        await end.CancelAsync();
        var ended = (await other).Run;
        Assert.Equal(BackfillRunState.Paused, ended.State);
        var last = MetricsIn(staying);
        Assert.Equal((1.0, 1.0), (last.Of("backfill_run_state", ("backfill_state", "Paused")), last.Sum("backfill_run_state")));
        Assert.Equal(ended.Remaining, last.Of("backfill_run_remaining"));
    }

    [Fact]
    public async Task A_worker_that_fails_while_another_goes_on_says_no_more_where_the_run_stands()
    {
        await world.FreshAsync();
        var run = await world.FrozenAsync(60, RunWorld.Quick with { ThrottlePerMinute = 600, ConcurrencyLimit = 4, Lease = TimeSpan.FromSeconds(5) });
        var (staying, failing) = (ApplyWorld.NewFolder(), ApplyWorld.NewFolder());
        using var end = new CancellationTokenSource();
        var other = ApplyAsync(run, staying, end.Token);
        await run.OnceAsync(r => r.Succeeded > 0);
        var broken = world.Around(functions: new()
        {
            Before = (method, _) => method == nameof(IFunctionCaller.CallAsync) ? throw new InvalidOperationException("broken") : Task.CompletedTask,
        });
        await Assert.ThrowsAsync<InvalidOperationException>(() => ApplyAsync(run, failing, CancellationToken.None, broken));
        var left = MetricsIn(failing);
        Assert.Equal((0.0, double.NaN), (left.Sum("backfill_run_state"), left.Of("backfill_run_remaining")));
        await end.CancelAsync();
        await other;
    }

    [Fact]
    public async Task Two_runs_at_once_share_one_pace()
    {
        const double Spacing = 60.3 / 600;
        await world.FreshAsync();
        var settings = RunWorld.Quick with { ThrottlePerMinute = 600 };
        var runs = new[]
        {
            await world.FrozenAsync(ApplyWorld.PlanOf([.. world.WithBoth.Take(20)]), settings),
            await world.FrozenAsync(ApplyWorld.PlanOf([.. world.WithBoth.Skip(20).Take(20)]), settings),
        };
        await Task.WhenAll(runs.Select(r => r.ApplyAsync()));
        var starts = (await Task.WhenAll(runs.Select(r => r.StartsAsync()))).SelectMany(s => s).Order().ToList();
        Assert.Equal(40, starts.Count);
        // So many spacings lie between a start and the tenth after it, but for 100 ms of lateness.
        Assert.All(starts.Zip(starts.Skip(10)), s => Assert.True((s.Second - s.First).TotalSeconds > 10 * Spacing - 0.15, $"{s.Second - s.First}"));
        foreach (var run in runs)
            await run.MustHaveSucceededAsync();
    }

    private Task<ApplyEnd> ApplyAsync(TestRun run, string folder, CancellationToken stop, BackfillConnection? connection = null) =>
        new ApplyPhase(connection ?? world.Connection, TimeProvider.System)
            .RunAsync(new() { RunId = run.Id, OutputPath = folder }, new RecordingSink(), stop);

    private static MetricText MetricsIn(string folder) => new(File.ReadAllText(Path.Combine(folder, "backfill_logs", "metrics.prom")));
}

/// <summary>When sessions' first calls arrived, by the server's monotonic clock.</summary>
internal static class Arrivals
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>A start for each session and claim, in order.</summary>
    public static IReadOnlyList<TimeSpan> OfSessions(IEnumerable<TracedCall> calls) =>
        [.. calls.GroupBy(c => (c.SessionId, c.Fence)).Select(g => TimeSpan.FromMicroseconds(g.Min(c => c.Logged.ArrivedTickUs))).Order()];

    /// <summary>The most in any half-open minute.</summary>
    public static int MostInAMinute(IReadOnlyList<TimeSpan> starts)
    {
        var (most, first) = (0, 0);
        for (var last = 0; last < starts.Count; last++)
        {
            while (starts[last] - starts[first] >= Minute)
                first++;
            most = Math.Max(most, last - first + 1);
        }

        return most;
    }
}
