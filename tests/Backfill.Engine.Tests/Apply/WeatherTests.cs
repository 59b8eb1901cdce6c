using Backfill.Engine.Tests.Sandbox;

namespace Backfill.Engine.Tests.Apply;

/// <summary>Functions that fail, vanish and commit behind our back, and a database that restarts.</summary>
public sealed class WeatherTests(WeatherWorld world) : IClassFixture<WeatherWorld>
{
    [Fact]
    [Trait("Lane", "full")]
    public Task Forty_sessions_come_through_bad_weather() => BadWeather.ComeThroughAsync(world, 40);
}

/// <summary>The same with many more.</summary>
public sealed class FullWeatherTests(LargeWorld world) : IClassFixture<LargeWorld>
{
    [Fact]
    [Trait("Lane", "full")]
    public Task Three_hundred_sessions_come_through_bad_weather() => BadWeather.ComeThroughAsync(world, 300);
}

/// <summary>A world whose database restarts.</summary>
public sealed class WeatherWorld : RunWorld, IAsyncLifetime
{
    protected override bool KeepsConnections => false;
}

internal static class BadWeather
{
    private static readonly SandboxFault[] Faults =
    [
        new(SandboxFaultKind.Status) { StatusCode = 503, Rate = 0.1 },
        new(SandboxFaultKind.Status) { StatusCode = 429, RetryAfter = 1, Rate = 0.05 },
        new(SandboxFaultKind.Reset) { Rate = 0.05 },
        new(SandboxFaultKind.CommitThenTimeout) { StatusCode = 504, Rate = 0.025 },
        new(SandboxFaultKind.CommitThenTimeout) { Rate = 0.025 },
        new(SandboxFaultKind.LateCommit) { Rate = 0.02, Delay = TimeSpan.FromMilliseconds(700) },
    ];

    public static async Task ComeThroughAsync(RunWorld world, int sessions)
    {
        await world.FreshAsync();
        foreach (var fault in Faults)
            await world.Control.SetFaultAsync(fault);
        var run = await world.FrozenAsync(
            sessions,
            RunWorld.Quick with { ThrottlePerMinute = 3000, Lease = TimeSpan.FromSeconds(5), QuietPeriod = TimeSpan.FromSeconds(2) });
        var working = run.ApplyAsync();
        foreach (var settled in new[] { sessions / 4, sessions / 2 })
        {
            await run.OnceAsync(r => r.Total - r.Remaining >= settled);
            await world.Control.RestartDatabaseAsync();
        }

        var end = await working;
        await run.MustHaveSucceededAsync();
        Assert.Equal(sessions, end.Run.Succeeded);

        // What arrived is what the ledger says was sent, call by call. What left on a line that broke just then has no answer, and may never arrive.
        var calls = await run.CallsAsync();
        var sent = await SentAsync("sent_at is not null");
        Assert.Empty(calls.Select(c => c.Operation).Except(sent));
        Assert.Empty((await SentAsync("status_code is not null")).Except(calls.Select(c => c.Operation)));
        Assert.Equal(calls.Count, calls.Select(c => c.Operation).Distinct().Count());
        Assert.Equal(sent.Count, (await run.ResultsAsync()).Sum(r => r.Attempts));
        foreach (var kind in Faults.Select(f => f.Kind.ToString()).Distinct())
            Assert.Contains(calls, c => c.Logged.Fault == kind);

        Task<IReadOnlyList<string>> SentAsync(string where) => world.LinesAsync(
            $"select concat_ws(' ', run_id, session_id, position, function, attempt, fence) from backfill.operation where run_id = $1 and {where}", run.Id);
    }
}
