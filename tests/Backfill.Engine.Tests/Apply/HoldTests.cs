using Backfill.Engine.Tests.Sandbox;

namespace Backfill.Engine.Tests.Apply;

/// <summary>What says nothing of a session holds the whole run, and fails none.</summary>
[Collection(HoldCollection.Name)]
public sealed class HoldTests(RunWorld world)
{
    [Fact]
    public async Task A_target_that_can_t_be_reached_is_waited_for_and_no_session_fails()
    {
        await world.FreshAsync();
        var run = await world.FrozenAsync(12, RunWorld.Quick with { ThrottlePerMinute = 600, ConcurrencyLimit = 1 });
        var calls = 0;
        var working = run.ApplyAsync(world.Around(functions: new()
        {
            Before = (_, _) => ++calls == 5 ? world.SetAsync(new SandboxFault(SandboxFaultKind.Unreachable)) : Task.CompletedTask,
        }));
        var waiting = await run.OnceAsync(r => r.WaitingFor == "TargetUnreachable");
        Assert.Equal((BackfillRunState.Running, 0), (waiting.State, waiting.Failed));
        await world.Control.ClearFaultsAsync();
        var end = await working;
        await run.MustHaveSucceededAsync();
        await MustBeLiftedAsync(run);
        Assert.Single(end.Sink.Warnings, w => w.Contains("can't be reached", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_target_that_stays_unreachable_halts_the_run_with_its_sessions_unsettled_and_it_can_be_resumed()
    {
        await world.FreshAsync();
        await world.SetAsync(new SandboxFault(SandboxFaultKind.Unreachable));
        var run = await world.FrozenAsync(6, RunWorld.Quick);
        var halted = (await run.ApplyAsync(unreachableLimit: TimeSpan.FromSeconds(3))).Run;
        Assert.Equal((BackfillRunState.Halted, 6, 0), (halted.State, halted.Remaining, halted.Failed));
        Assert.Contains("can't be reached", halted.Reason, StringComparison.Ordinal);
        Assert.Contains("resume the run", halted.Reason, StringComparison.Ordinal);
        Assert.Equal(0, await world.ScalarAsync<long>("select count(*) from backfill.image where run_id = $1", run.Id));
        await world.Control.ClearFaultsAsync();
        await run.ApplyAsync();
        await run.MustHaveSucceededAsync();
    }

    [Fact]
    public async Task A_pause_that_the_target_asks_for_holds_every_worker_and_one_call_at_a_time_looks_whether_it_is_over()
    {
        await world.FreshAsync();
        await world.SetAsync(new SandboxFault(SandboxFaultKind.Status) { StatusCode = 429, RetryAfter = 1, Count = 10 });
        var run = await world.FrozenAsync(16, RunWorld.Quick with { ConcurrencyLimit = 4 });
        var ends = await Task.WhenAll(run.ApplyAsync(), run.ApplyAsync());
        await run.MustHaveSucceededAsync();
        await MustBeLiftedAsync(run);
        // One warning for the hold; every further answer is told to whoever wants to know, with the time of the next look.
        Assert.Single(ends.SelectMany(e => e.Sink.Warnings), w => w.Contains("asks for a pause of 1 s", StringComparison.Ordinal));
        Assert.Contains(ends.SelectMany(e => e.Sink.Explanations), e => e.Contains("answered 429. The next look is in 1 s.", StringComparison.Ordinal));
        var refused = (await run.CallsAsync()).Where(c => c.Logged.Status == 429).Select(c => c.Logged.ArrivedTickUs).Order().ToList();
        Assert.Equal(10, refused.Count);
        // Both workers may have had four in hand; after that there is one call a second.
        var pauses = refused.Zip(refused.Skip(1), (one, next) => next - one).ToList();
        Assert.InRange(pauses.Count(p => p > 900_000), 2, 9);
        Assert.All(pauses.Skip(7), p => Assert.InRange(p, 900_000, long.MaxValue));
    }

    [Theory]
    [InlineData(429, null)]
    [InlineData(503, "BOOT_ERROR")]
    public async Task However_often_a_target_asks_for_a_pause_no_session_fails_for_it(int status, string? code)
    {
        await world.FreshAsync();
        await world.SetAsync(new SandboxFault(SandboxFaultKind.Status) { StatusCode = status, ErrorCode = code, RetryAfter = 0, Count = 25 });
        var run = await world.FrozenAsync(2, RunWorld.Quick with { Breaker = new(5, 0.5, 1) });
        await run.ApplyAsync();
        await run.MustHaveSucceededAsync();
        Assert.Equal(25, (await run.CallsAsync()).Count(c => c.Logged.Status == status));
    }

    [Theory]
    [InlineData(429, null)]
    [InlineData(503, "BOOT_ERROR")]
    public async Task Of_a_run_that_is_stopped_sessions_that_were_only_refused_for_the_time_being_are_not_unknown(int status, string? code)
    {
        await world.FreshAsync();
        await world.SetAsync(new SandboxFault(SandboxFaultKind.Status) { StatusCode = status, ErrorCode = code, RetryAfter = 600 });
        var run = await world.FrozenAsync(8, RunWorld.Quick);
        var working = run.ApplyAsync();
        await run.OnceAsync(r => r.WaitingFor == "RetryAfter");

        await run.OrderAsync(RunAction.Stop);
        await working;

        Assert.NotEmpty(await run.CallsAsync());
        Assert.All(await run.ResultsAsync(), r => Assert.Equal((BackfillOutcome.Skipped, "Aborted"), (r.Outcome, r.Reason)));
        Assert.Equal((BackfillRunState.Aborted, 8), ((await run.ReadAsync()).State, (await run.ReadAsync()).NeverCalled));
        Assert.Equal(0, await world.ScalarAsync<long>("select count(*) from backfill.image where run_id = $1", run.Id));
        // Another run of the plan passes none of them over.
        await world.Control.ClearFaultsAsync();
        var again = await world.FrozenAsync(run.Ticket.Plan, RunWorld.Quick);
        await again.ApplyAsync();
        await again.MustHaveSucceededAsync();
    }

    [Fact]
    public async Task Of_a_run_that_is_stopped_a_session_whose_worker_died_in_a_call_stays_unknown()
    {
        await world.FreshAsync();
        await world.SetAsync(new SandboxFault(SandboxFaultKind.Status) { StatusCode = 429, RetryAfter = 600 });
        var run = await world.FrozenAsync(2, RunWorld.Quick);
        using var stop = new CancellationTokenSource();
        var working = run.ApplyAsync(stop: stop.Token);
        await run.OnceAsync(r => r.WaitingFor == "RetryAfter");
        await stop.CancelAsync();
        await working;
        // As a worker leaves it that dies before it has written down what it heard.
        await world.ExecuteAsync("""
            insert into backfill.operation (run_id, session_id, position, attempt, function, params, fence)
            select o.run_id, o.session_id, o.position, o.attempt + 1, o.function, o.params, o.fence
            from backfill.operation o where o.run_id = $1 order by o.session_id, o.position limit 1
            """, run.Id);

        await run.OrderAsync(RunAction.Stop);

        Assert.Equal(BackfillOutcome.Unknown, Assert.Single(await run.ResultsAsync(), r => r.Outcome != BackfillOutcome.Skipped).Outcome);
    }

    [Fact]
    public async Task Another_worker_keeps_to_a_pause_that_was_asked_of_the_first()
    {
        await world.FreshAsync();
        await world.SetAsync(new SandboxFault(SandboxFaultKind.Status) { StatusCode = 429, RetryAfter = 600 });
        var run = await world.FrozenAsync(8, RunWorld.Quick);
        using var stop = new CancellationTokenSource();
        var first = run.ApplyAsync(stop: stop.Token);
        await run.OnceAsync(r => r.WaitingFor == "RetryAfter");
        await stop.CancelAsync();
        await first;
        var before = (await run.CallsAsync()).Count;
        using var stopSecond = new CancellationTokenSource();
        var second = run.ApplyAsync(stop: stopSecond.Token);
        await run.OnceAsync(r => r is { WaitingFor: "RetryAfter", ActiveWorkers: 1 });
        await stopSecond.CancelAsync();
        await second;
        Assert.Equal(before, (await run.CallsAsync()).Count);
    }

    /// <summary>The first good call has ended the pause for every worker.</summary>
    private async Task MustBeLiftedAsync(TestRun run) => Assert.Equal(
        0, await world.ScalarAsync<long>("select count(*) from backfill.run where run_id = $1 and hold_cause is not null", run.Id));
}
