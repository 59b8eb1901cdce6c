using System.Globalization;
using Backfill.Engine.Apply.Call;
using Backfill.Engine.Apply.Claim;
using Backfill.Engine.Connections;
using Backfill.Engine.Ledger;
using Backfill.Engine.Tests.Sandbox;
using Backfill.TestWorker;

namespace Backfill.Engine.Tests.Apply;

/// <summary>Leases, fences and take-over: two workers never have the same session in hand.</summary>
[Collection(HoldCollection.Name)]
public sealed class LeaseTests(RunWorld world)
{
    private static readonly RunSettings Slower = RunWorld.Quick with { QuietPeriod = TimeSpan.FromSeconds(1) };

    [Fact]
    public async Task A_dead_workers_call_in_flight_is_waited_out_before_its_session_is_called_again()
    {
        var run = await FrozenAsync(Slower, new SandboxFault(SandboxFaultKind.Hang) { Count = 1 });
        await using (var worker = run.Start("after-send:1"))
            await worker.EndedAsync();
        await run.ApplyAsync();
        await run.MustHaveSucceededAsync();
        // On a busy machine a call arrives late, never early; and a worker's clock may be a little wrong.
        var claimed = DateTimeOffset.Parse(
            Assert.Single(await world.LinesAsync("select to_json(started_at at time zone 'UTC') #>> '{}' || 'Z' from backfill.item where run_id = $1", run.Id)),
            CultureInfo.InvariantCulture);
        var waited = (await run.CallsAsync())[1].Logged.ArrivedAt - claimed;
        Assert.True(waited > Slower.Lease + Slower.QuietPeriod - TimeSpan.FromMilliseconds(200), $"It waited {waited}.");
    }

    [Fact]
    public async Task A_worker_whose_claim_was_taken_over_before_it_could_call_does_not_call()
    {
        var run = await FrozenAsync(RunWorld.Quick);
        var (claimed, other) = (new TaskCompletionSource(), new TaskCompletionSource());
        var stalled = run.ApplyAsync(world.Around(ledger: new Around
        {
            After = async (method, _, result) =>
            {
                if (method != nameof(IRunLedger.ClaimAsync) || result is not IReadOnlyList<ClaimedSession> { Count: > 0 })
                    return;
                claimed.TrySetResult();
                await other.Task;
            },
        }));
        await claimed.Task;
        await run.ApplyAsync();
        other.SetResult();
        var late = await stalled;
        await run.MustHaveSucceededAsync();
        Assert.Single((await run.CallsAsync()).Select(c => c.Fence).Distinct());
        Assert.Empty(late.Sink.Results);
    }

    [Fact]
    public async Task A_worker_that_lost_its_lease_while_it_called_cannot_settle()
    {
        // With one hand, and that one full, it can't take its own session over.
        var run = await FrozenAsync(RunWorld.Quick with { ConcurrencyLimit = 1 });
        var (answered, other) = (new TaskCompletionSource(), new TaskCompletionSource());
        var cutOff = run.ApplyAsync(world.Around(
            ledger: new Around { Before = (method, _) => method == nameof(IRunLedger.HeartbeatAsync) ? throw new InvalidOperationException("cut off") : Task.CompletedTask },
            functions: new Around
            {
                After = async (_, args, _) =>
                {
                    if (args[0] is not FunctionCall { Position: 2 })
                        return;
                    answered.TrySetResult();
                    await other.Task;
                },
            }));
        await answered.Task;
        var settled = await run.ApplyAsync();
        other.SetResult();
        var late = await cutOff;
        await run.MustHaveSucceededAsync();
        Assert.Single(settled.Sink.Results);
        Assert.Empty(late.Sink.Results);
        // Both effects were there to be read: nothing was called again.
        Assert.Equal(2, (await run.CallsAsync()).Count);
    }

    [Fact]
    public async Task A_call_that_outlasts_the_lease_keeps_its_session_while_its_worker_lives()
    {
        var run = await FrozenAsync(RunWorld.Quick, new SandboxFault(SandboxFaultKind.Latency) { Delay = TimeSpan.FromSeconds(3), Count = 1 });
        await Task.WhenAll(run.ApplyAsync(), run.ApplyAsync());
        await run.MustHaveSucceededAsync();
        Assert.Equal(2, (await run.CallsAsync()).Count);
    }

    [Fact]
    public async Task A_run_that_two_workers_leave_at_once_is_not_left_running()
    {
        var ledger = world.Connection.Target.Ledger;
        await world.FreshAsync();
        for (var i = 0; i < 15; i++)
        {
            var run = await world.FrozenAsync(1, RunWorld.Quick);
            WorkerIdentity[] workers = [new(Guid.NewGuid(), "a@here", 1), new(Guid.NewGuid(), "b@here", 2)];
            foreach (var worker in workers)
                await ledger.StartAsync(run.Ticket, worker, CancellationToken.None);
            await run.OrderAsync(RunAction.Stop);
            await Task.WhenAll(workers.Select(w => ledger.EndAsync(run.Ticket, w, new(null, null, TimeSpan.Zero), CancellationToken.None)));
            Assert.Equal(BackfillRunState.Aborted, (await run.ReadAsync()).State);
        }
    }

    [Fact]
    public async Task A_stop_that_meets_the_last_worker_leaving_ends_the_run_all_the_same()
    {
        var ledger = world.Connection.Target.Ledger;
        await world.FreshAsync();
        for (var i = 0; i < 15; i++)
        {
            var run = await world.FrozenAsync(1, RunWorld.Quick);
            var worker = new WorkerIdentity(Guid.NewGuid(), "a@here", 1);
            await ledger.StartAsync(run.Ticket, worker, CancellationToken.None);
            await Task.WhenAll(
                run.OrderAsync(RunAction.Stop),
                ledger.EndAsync(run.Ticket, worker, new(BackfillRunState.Paused, "the worker was stopped", TimeSpan.Zero), CancellationToken.None));
            var end = await run.ReadAsync();
            Assert.Equal((BackfillRunState.Aborted, 0), (end.State, end.Remaining));
        }
    }

    [Fact]
    public async Task A_run_that_was_stopped_just_after_its_last_worker_died_can_be_ended()
    {
        var run = await FrozenAsync(RunWorld.Quick, new SandboxFault(SandboxFaultKind.Hang) { Count = 1 });
        await using (var worker = run.Start("after-send:1"))
            await worker.EndedAsync();
        // The dead worker still counts as one.
        await run.OrderAsync(RunAction.Stop);
        await run.OnceAsync(r => r.ActiveWorkers == 0);
        if ((await run.ReadAsync()).State != BackfillRunState.Aborted)
            await run.OrderAsync(RunAction.Stop);
        var end = await run.ReadAsync();
        Assert.Equal((BackfillRunState.Aborted, 0, 1), (end.State, end.Remaining, end.Unknown));
        Assert.All(Assert.Single(await run.ResultsAsync()).Operations, o => Assert.Equal(BackfillOutcome.Unknown, o.Outcome));
        // Its session is free.
        await (await world.FrozenAsync(1, RunWorld.Quick)).ApplyAsync();
    }

    [Fact]
    public async Task A_dead_workers_claim_does_not_keep_a_run_from_being_suspended()
    {
        var run = await FrozenAsync(RunWorld.Quick with { QuietPeriod = TimeSpan.FromMinutes(1) }, new SandboxFault(SandboxFaultKind.Hang) { Count = 1 });
        await using (var worker = run.Start("after-send:1"))
            await worker.EndedAsync();
        using var stop = new CancellationTokenSource();
        var waiting = run.ApplyAsync(stop: stop.Token);
        await Patiently.AskAsync(() => world.ScalarAsync<long>("select count(*) from backfill.worker where run_id = $1", run.Id), n => n == 2);
        await run.OrderAsync(RunAction.Suspend);
        await run.OnceAsync(r => r.State == BackfillRunState.Suspended && r.ActiveWorkers == 1);
        await stop.CancelAsync();
        await waiting;
    }

    private async Task<TestRun> FrozenAsync(RunSettings settings, params SandboxFault[] faults)
    {
        await world.FreshAsync();
        await world.SetAsync(faults);
        return await world.FrozenAsync(ApplyWorld.PlanOf(world.New[0]), settings);
    }
}
