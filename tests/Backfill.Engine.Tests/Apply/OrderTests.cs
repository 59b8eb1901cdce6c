using Backfill.Engine.Apply.Call;
using Backfill.Engine.Connections;
using Backfill.Engine.Ledger;
using Backfill.Engine.Purge;
using Backfill.Engine.Rollback;

namespace Backfill.Engine.Tests.Apply;

/// <summary>An operator's order stands until an operator lifts it, whatever workers, breakers and Ctrl+C do.</summary>
[Collection(ApplyCollection.Name)]
public sealed class OrderTests(RunWorld world)
{
    private const string Reset = """
        delete from backfill.worker where run_id = $1;
        update backfill.item set state = 'pending', outcome = null, category = null, reason = null, settled_at = null where run_id = $1;
        """;

    /// <summary>
    /// What is stored (state, intent, whether a worker died in it), what is shown for it, and what each command makes of it: the state
    /// shown afterwards, or the error.
    /// </summary>
    public static TheoryData<string, string, string, string, string, string, string, string, string> Table => new()
    {
        // stored            shown                      Apply -RunId        Suspend               Resume              Stop              Set                 purge             rollback
        { "Pending Run", "Pending -", "Paused", "Suspended", "RunNotResumable", "Aborted", "Pending", "RunNotFinished", "RolledBack" },
        { "Running Run", "Paused NoWorker", "Paused", "Suspended", "Paused", "Aborted", "Paused", "RunNotFinished", "RolledBack" },
        { "Running Suspend", "Suspended Ordered", "RunSuspended", "Suspended", "Paused", "Aborted", "Suspended", "RunNotFinished", "RolledBack" },
        { "Running Stop", "Paused NoWorker", "RunNotResumable", "RunNotSuspendable", "RunNotResumable", "Aborted", "RunNotSettable", "RunNotFinished", "RolledBack" },
        { "Suspended Suspend", "Suspended Ordered", "RunSuspended", "Suspended", "Paused", "Aborted", "Suspended", "RunNotFinished", "RolledBack" },
        { "Suspended Over", "Paused NoWorker", "Paused", "Suspended", "Paused", "Aborted", "Paused", "RunNotFinished", "RolledBack" },
        { "Paused Run", "Paused WorkerStopped", "Paused", "Suspended", "Paused", "Aborted", "Paused", "RunNotFinished", "RolledBack" },
        { "Halted Run", "Halted KeyRefused", "Paused", "Halted", "Paused", "Aborted", "Halted", "RunNotFinished", "RolledBack" },
        { "Halted Suspend", "Halted KeyRefused", "RunSuspended", "Halted", "Paused", "Aborted", "Halted", "RunNotFinished", "RolledBack" },
        { "Completed Run", "Completed -", "Completed", "RunNotSuspendable", "RunNotResumable", "RunNotStoppable", "RunNotSettable", "removed", "RolledBack" },
        { "Aborted Stop", "Aborted Ordered", "RunNotResumable", "RunNotSuspendable", "RunNotResumable", "RunNotStoppable", "RunNotSettable", "removed", "RolledBack" },
        { "RolledBack Run", "RolledBack -", "RunNotResumable", "RunNotSuspendable", "RunNotResumable", "RunNotStoppable", "RunNotSettable", "removed", "RunRolledBack" },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public async Task Each_command_does_in_each_state_what_the_table_says(
        string stored, string shown, string apply, string suspend, string resume, string stop, string set, string purge, string rollback)
    {
        await world.FreshAsync();
        var run = await world.FrozenAsync(2, RunWorld.Quick);
        await PutAsync(run, stored);
        var found = await run.ReadAsync();
        Assert.Equal(shown, $"{found.State} {found.Cause?.ToString() ?? "-"}");

        Assert.Equal(apply, await OutcomeAsync(run, stored, () => StartedAndStoppedAsync(run)));
        foreach (var (action, expected) in new[] { (RunAction.Suspend, suspend), (RunAction.Resume, resume), (RunAction.Stop, stop), (RunAction.Set, set) })
            Assert.Equal($"{action}: {expected}", $"{action}: {await OutcomeAsync(run, stored, () => run.OrderAsync(action, throttle: 30))}");
        Assert.Equal(rollback, await OutcomeAsync(run, stored, () => RollBackAsync(run)));
        Assert.Equal(purge, await OutcomeAsync(run, stored, () => PurgeAsync(run)));
    }

    [Fact]
    public async Task A_suspension_given_while_a_worker_dies_stands_for_every_worker_after_it()
    {
        await world.FreshAsync();
        var run = await world.FrozenAsync(6, RunWorld.Quick with { ThrottlePerMinute = 60 });
        await using (var worker = run.Start("after-claim:2"))
            Assert.Equal(WorldOfProcesses.Killed, await worker.EndedAsync());
        await run.OrderAsync(RunAction.Suspend, "deploy freeze");
        var dead = await run.OnceAsync(r => r.State == BackfillRunState.Suspended);
        Assert.Equal(
            (BackfillRunIntent.Suspend, "operator@console", "deploy freeze", 0), (dead.Intent, dead.IntentBy, dead.Reason, dead.ActiveWorkers));

        var calls = (await run.CallsAsync()).Count;
        var refused = await Assert.ThrowsAsync<BackfillException>(() => run.ApplyAsync());
        Assert.Contains("deploy freeze", refused.Message, StringComparison.Ordinal);
        Assert.Equal(calls, (await run.CallsAsync()).Count);
        Assert.Equal(BackfillRunState.Suspended, (await run.ReadAsync()).State);

        await run.OrderAsync(RunAction.Resume);
        await run.ApplyAsync();
        await run.MustHaveSucceededAsync();
    }

    [Fact]
    public async Task Ctrl_C_in_a_suspended_run_leaves_the_order_and_its_reason()
    {
        await world.FreshAsync();
        var run = await world.FrozenAsync(30, RunWorld.Quick with { ThrottlePerMinute = 120 });
        using var stop = new CancellationTokenSource();
        var working = run.ApplyAsync(stop: stop.Token);
        await run.OnceCalledAsync(c => c.Count >= 2);
        await run.OrderAsync(RunAction.Suspend, "deploy freeze");
        await stop.CancelAsync();

        var left = (await working).Run;
        Assert.Equal(
            (BackfillRunState.Suspended, BackfillRunCause.Ordered, BackfillRunIntent.Suspend, "deploy freeze", 0),
            (left.State, left.Cause, left.Intent, left.Reason, left.ActiveWorkers));
        await Assert.ThrowsAsync<BackfillException>(() => run.ApplyAsync());
    }

    [Fact]
    public async Task A_suspension_with_an_end_is_over_then_and_its_worker_goes_on_by_itself()
    {
        await world.FreshAsync();
        var run = await world.FrozenAsync(6, RunWorld.Quick with { ThrottlePerMinute = 120 });
        var working = run.ApplyAsync();
        await run.OnceCalledAsync(c => c.Count >= 1);
        var until = DateTimeOffset.UtcNow + TimeSpan.FromMinutes(5);
        await world.Connection.Target.Ledger.ControlAsync(
            new(run.Id, RunAction.Suspend, "lunch", "operator@console", Until: until), CancellationToken.None);
        var suspended = await run.OnceAsync(r => r.State == BackfillRunState.Suspended);
        Assert.Equal(until, suspended.IntentUntil!.Value, TimeSpan.FromMilliseconds(1));
        await world.ExecuteAsync("update backfill.run set intent_until = clock_timestamp() where run_id = $1", run.Id);

        await working;
        await run.MustHaveSucceededAsync();
        Assert.Contains(await run.EventsAsync(), e => e.StartsWith("SuspensionOver|", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_breaker_halts_a_suspended_run_and_the_order_stands_beside_it()
    {
        await world.FreshAsync();
        var run = await world.FrozenAsync(2, RunWorld.Quick with { Breaker = new(1, 1, 50) });
        await run.OrderAsync(RunAction.Suspend, "deploy freeze");
        await world.ExecuteAsync("update backfill.run set state = 'Running' where run_id = $1", run.Id);
        var verdict = await world.Connection.Target.Ledger.TripBreakerAsync(run.Ticket, wentWell: false, isSettled: false, CancellationToken.None);
        Assert.Equal(BackfillRunCause.ConsecutiveFailures, verdict.Reason?.Cause);
        var halted = await run.ReadAsync();
        Assert.Equal(
            (BackfillRunState.Halted, BackfillRunCause.ConsecutiveFailures, BackfillRunIntent.Suspend, "deploy freeze"),
            (halted.State, halted.Cause, halted.Intent, halted.IntentReason));
    }

    /// <summary>A worker that is stopped before its first claim.</summary>
    private async Task StartedAndStoppedAsync(TestRun run)
    {
        using var stop = new CancellationTokenSource();
        var connection = world.Around(functions: new()
        {
            Before = (method, _) => method == nameof(IFunctionCaller.WarmUpAsync) ? stop.CancelAsync() : Task.CompletedTask,
        });
        await run.ApplyAsync(connection, stop: stop.Token);
    }

    private async Task<string> OutcomeAsync(TestRun run, string stored, Func<Task> command)
    {
        await PutAsync(run, stored);
        try
        {
            await command();
        }
        catch (BackfillException e)
        {
            return e.Code;
        }

        var after = await world.Runs.ListAsync(new RunFilter(run.Id), CancellationToken.None).FirstOrDefaultAsync();
        return after?.State.ToString() ?? "removed";
    }

    /// <summary>As the command does: it looks, then undoes. Nothing was called, so nothing is in the way.</summary>
    private async Task RollBackAsync(TestRun run)
    {
        var phase = new RollbackPhase(world.Connection);
        var selection = new RollbackSelection(run.Id);
        await phase.LookAsync(selection, CancellationToken.None);
        await phase.UndoAsync(new(Guid.CreateVersion7(), selection, BackfillConflictRule.Stop, "operator@console", "a test"), CancellationToken.None);
    }

    /// <summary>Removes it for certain only where that is refused: the next command needs it.</summary>
    private async Task PurgeAsync(TestRun run)
    {
        var phase = new PurgePhase(world.Connection);
        await phase.RemoveAsync(await phase.LookAsync(new(new HashSet<Guid> { run.Id }, null), CancellationToken.None), CancellationToken.None);
    }

    private async Task PutAsync(TestRun run, string stored)
    {
        var (state, intent) = (stored.Split(' ')[0], stored.Split(' ')[1]);
        foreach (var statement in Reset.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            await world.ExecuteAsync(statement, run.Id);
        if (state is "Completed" or "Aborted" or "RolledBack")
        {
            await world.ExecuteAsync(
                "update backfill.item set state = 'settled', outcome = 'Skipped', reason = 'Aborted', settled_at = clock_timestamp() where run_id = $1", run.Id);
        }

        await world.ExecuteAsync(
            """
            update backfill.run
            set state = $2,
                intent = case $3 when 'Over' then 'Suspend' else $3 end,
                intent_until = case $3 when 'Over' then clock_timestamp() - interval '1 s' end,
                intent_by = 'operator@console',
                intent_reason = 'a test',
                cause = case $2 when 'Halted' then 'KeyRefused' when 'Paused' then 'WorkerStopped' when 'Suspended' then 'Ordered' when 'Aborted' then 'Ordered' end,
                started_at = case $2 when 'Pending' then null else clock_timestamp() end
            where run_id = $1
            """,
            run.Id,
            state,
            intent);
    }
}
