using Backfill.Apply;

namespace Backfill.Supabase.Tests.Apply;

/// <summary>Several workers on one run, and several runs on one target.</summary>
public sealed class SharedRunTests(RunWorld world) : IClassFixture<RunWorld>
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
        var starts = Arrivals.OfSessions(await world.CallsAsync());
        Assert.Equal(40, starts.Count);
        // So many spacings lie between a start and the tenth after it, but for 100 ms of lateness and 200 ms of transit.
        Assert.All(starts.Zip(starts.Skip(10)), s => Assert.True((s.Second - s.First).TotalSeconds > 10 * Spacing - 0.3, $"{s.Second - s.First}"));
        foreach (var run in runs)
            await run.MustHaveSucceededAsync();
    }
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
