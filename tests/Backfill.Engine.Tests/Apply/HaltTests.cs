using Backfill.Engine.Apply;
using Backfill.Engine.Apply.Call;
using Backfill.Engine.Ledger;
using Backfill.Engine.Signals;
using Backfill.Engine.Tests.Sandbox;

namespace Backfill.Engine.Tests.Apply;

/// <summary>What halts a run, and what stops a worker.</summary>
[Collection(HoldCollection.Name)]
public sealed class HaltTests(RunWorld world)
{
    private static readonly SandboxFault Refused = new(SandboxFaultKind.Status) { StatusCode = 400 };

    [Fact]
    public async Task So_many_failures_in_a_row_halt_the_run_which_says_why_and_goes_on_once_mended()
    {
        var run = await FrozenAsync(8, RunWorld.Quick with { ConcurrencyLimit = 1, Breaker = new(3, 1, 50) }, Refused);
        var halted = await run.ApplyAsync();
        Assert.Equal((BackfillRunState.Halted, 3, 5), (halted.Run.State, halted.Run.Failed, halted.Run.Remaining));
        Assert.Equal("3 attempts in a row did not go well (limit 3)", halted.Run.Reason);
        Assert.Equal(3, (await run.CallsAsync()).Count);
        Assert.Contains("BreakerOpened|breaker|3 attempts in a row did not go well (limit 3)", await run.EventsAsync());
        Assert.NotEmpty(halted.End.Artifacts);

        await world.Control.ClearFaultsAsync();
        var mended = await run.ApplyAsync();
        Assert.Equal((BackfillRunState.Completed, 5, 3), (mended.Run.State, mended.Run.Succeeded, mended.Run.Failed));
    }

    [Fact]
    public async Task Sessions_that_fail_after_the_halt_do_not_open_the_breaker_again()
    {
        // All four are in hand before the first of them fails.
        var run = await FrozenAsync(
            8, RunWorld.Quick with { ConcurrencyLimit = 4, Breaker = new(1, 1, 50) }, Refused with { Delay = TimeSpan.FromMilliseconds(500) });
        var halted = await run.ApplyAsync();
        Assert.Equal(BackfillRunState.Halted, halted.Run.State);
        Assert.InRange(halted.Run.Failed, 2, 4);
        Assert.Single(await run.EventsAsync(), e => e.StartsWith("BreakerOpened|", StringComparison.Ordinal));
        var told = await File.ReadAllLinesAsync(Path.Combine(run.OutputPath, "backfill_logs", "events.jsonl"), TestContext.Current.CancellationToken);
        Assert.Single(told, l => l.Contains($"\"{EventNames.BreakerOpened}\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_failure_ratio_halts_the_run_once_the_sample_is_great_enough()
    {
        var run = await FrozenAsync(12, RunWorld.Quick with { ConcurrencyLimit = 1, Breaker = new(100, 0.5, 6) });
        // Every second one: never two in a row.
        await world.SetAsync(Refused with { SessionIds = [.. run.Sessions.Where((_, i) => i % 2 == 1)] });
        var halted = await run.ApplyAsync();
        Assert.Equal((BackfillRunState.Halted, 3, 3), (halted.Run.State, halted.Run.Succeeded, halted.Run.Failed));
        Assert.Equal("3 of 6 sessions failed (limit 50 %)", halted.Run.Reason);
    }

    [Fact]
    public async Task A_refused_key_halts_the_run_and_its_other_workers_at_once()
    {
        var run = await FrozenAsync(40, RunWorld.Quick with { ConcurrencyLimit = 2, ThrottlePerMinute = 600 });
        var working = Task.WhenAll(run.ApplyAsync(), run.ApplyAsync());
        await run.OnceCalledAsync(c => c.Count >= 4);
        var before = (await run.CallsAsync()).Count;
        await world.SetAsync(Refused with { StatusCode = 401 });
        var ends = await working;
        Assert.All(ends, e => Assert.Equal(BackfillRunState.Halted, e.Run.State));
        Assert.Contains("key was refused", ends[0].Run.Reason, StringComparison.Ordinal);
        // Nothing but what was in hand: none was tried twice.
        var refused = (await run.CallsAsync()).Where(c => c.Logged.Status == 401).ToList();
        Assert.InRange(refused.Count, 1, 4);
        Assert.Equal(refused.Count, refused.Select(c => c.SessionId).Distinct().Count());
        Assert.Equal((0, 40), (ends[0].Run.Failed, ends[0].Run.Succeeded + ends[0].Run.Remaining));

        await world.Control.ClearFaultsAsync();
        await run.ApplyAsync();
        await run.MustHaveSucceededAsync();
    }

    [Fact]
    public async Task A_stopped_worker_claims_no_more_gives_its_calls_ten_seconds_and_leaves_the_run_paused()
    {
        var run = await FrozenAsync(
            30,
            RunWorld.Quick with { ThrottlePerMinute = 600, ConcurrencyLimit = 8, Lease = TimeSpan.FromMinutes(1), CallTimeout = TimeSpan.FromMinutes(1) },
            new SandboxFault(SandboxFaultKind.Hang) { SessionIds = [world.New[1]] },
            new SandboxFault(SandboxFaultKind.Latency) { SessionIds = [world.New[2]], Delay = TimeSpan.FromSeconds(4) });
        using var stop = new CancellationTokenSource();
        var working = run.ApplyAsync(stop: stop.Token);
        await run.OnceCalledAsync(c => c.Count >= 8);
        await stop.CancelAsync();
        var claimed = (await run.CallsAsync()).Select(c => c.SessionId).Distinct().Count();
        var end = await working;
        Assert.Equal((BackfillRunState.Paused, BackfillRunCause.WorkerStopped, BackfillRunIntent.Run), (end.Run.State, end.Run.Cause, end.Run.Intent));
        Assert.NotEmpty(end.End.Artifacts);
        Assert.InRange((await run.CallsAsync()).Select(c => c.SessionId).Distinct().Count(), claimed, claimed + 1);
        Assert.Equal(0, await world.ScalarAsync<long>("select count(*) from backfill.item where state = 'claimed'"));
        Assert.Equal("Unknown", await OutcomeOfFirstCallAsync(world.New[1]));
        // Its call ended within the ten seconds; what comes after it is for the next worker.
        Assert.Equal("Succeeded", await OutcomeOfFirstCallAsync(world.New[2]));
        Assert.Single(await run.CallsAsync(), c => c.SessionId == world.New[2]);

        await world.Control.ClearFaultsAsync();
        await run.ApplyAsync();
        await run.MustHaveSucceededAsync();
    }

    [Fact]
    public async Task A_worker_stopped_before_its_first_claim_leaves_the_run_paused_with_its_artifacts()
    {
        var run = await FrozenAsync(3, RunWorld.Quick);
        using var stop = new CancellationTokenSource();
        var connection = world.Around(functions: new()
        {
            Before = (method, _) => method == nameof(IFunctionCaller.WarmUpAsync) ? stop.CancelAsync() : Task.CompletedTask,
        });
        var end = await run.ApplyAsync(connection, stop: stop.Token);
        Assert.Equal((BackfillRunState.Paused, 3, 0), (end.Run.State, end.Run.Remaining, end.Run.ActiveWorkers));
        Assert.NotEmpty(end.End.Artifacts);
        Assert.Empty(await run.CallsAsync());
        await run.ApplyAsync();
        await run.MustHaveSucceededAsync();
    }

    [Fact]
    public async Task A_target_that_asks_for_a_long_pause_gets_it_and_nothing_fails()
    {
        var run = await FrozenAsync(1, RunWorld.Quick, new SandboxFault(SandboxFaultKind.Status) { StatusCode = 429, RetryAfter = 45, Count = 1 });
        using var stop = new CancellationTokenSource();
        var working = run.ApplyAsync(stop: stop.Token);
        await run.OnceCalledAsync(c => c.Any(x => x.Logged.Status == 429));
        // It goes back, to be claimed when the pause is over.
        await Patiently.AskAsync(
            () => world.ScalarAsync<long>("select count(*) from backfill.item where state = 'claimed' or state = 'settled'"), n => n == 0);
        Assert.InRange(
            await world.ScalarAsync<double>("select coalesce(extract(epoch from max(hold_until) - clock_timestamp()), 0)::float8 from backfill.run"),
            35,
            46);
        await run.OnceAsync(r => r.WaitingFor == "RetryAfter");
        await stop.CancelAsync();
        Assert.Equal((BackfillRunState.Paused, 1, 0), ((await working).Run.State, (await working).Run.Remaining, (await working).Run.Failed));
    }

    [Fact]
    public async Task An_error_right_after_a_worker_has_signed_on_leaves_no_worker_behind()
    {
        var run = await FrozenAsync(3, RunWorld.Quick);
        var phase = new ApplyPhase(world.Connection, TimeProvider.System);
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => phase.RunAsync(
            new() { RunId = run.Id, OutputPath = run.OutputPath }, new BrokenScreen(), TestContext.Current.CancellationToken));
        Assert.Equal("the screen is gone", error.Message);
        var left = await run.ReadAsync();
        Assert.Equal((BackfillRunState.Paused, 0, 3), (left.State, left.ActiveWorkers, left.Remaining));
        Assert.Contains("the screen is gone", left.Reason, StringComparison.Ordinal);
        await run.ApplyAsync();
        await run.MustHaveSucceededAsync();
    }

    private Task<string> OutcomeOfFirstCallAsync(Guid session) => world.ScalarAsync<string>(
        "select outcome from backfill.operation where session_id = $1 and position = 1 and attempt = 1", session);

    private async Task<TestRun> FrozenAsync(int sessions, RunSettings settings, params SandboxFault[] faults)
    {
        await world.FreshAsync();
        await world.SetAsync(faults);
        return await world.FrozenAsync(sessions, settings);
    }

    /// <summary>Fails at the first thing that it is told.</summary>
    private sealed class BrokenScreen : IApplySink
    {
        public void Settled(BackfillSessionResult result)
        {
        }

        public void Progressed(ApplyProgress progress)
        {
        }

        public void Warn(string message)
        {
        }

        public void Explain(string message)
        {
        }

        public void Milestone(string message, string tag) => throw new InvalidOperationException("the screen is gone");
    }
}
