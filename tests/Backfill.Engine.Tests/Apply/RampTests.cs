using Backfill.Engine.Apply.Guard;
using Backfill.Engine.Connections;
using Backfill.Engine.Ledger;

namespace Backfill.Engine.Tests.Apply;

/// <summary>A run whose pace rises with its attempts, and starts low again after a hold, a pause or a restart.</summary>
[Collection(HoldCollection.Name)]
public sealed class RampTests(RunWorld world)
{
    private static readonly WorkerIdentity Worker = new(Guid.NewGuid(), "tester@here", 1);

    private static readonly RunSettings Settings = RunWorld.Quick with { ThrottlePerMinute = 4000, Ramp = new(600, 1200, 2) };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private IRunLedger Ledger => world.Connection.Target.Ledger;

    [Fact]
    public async Task Pace_rises_with_the_attempts_up_to_the_throttle()
    {
        var run = await StartedAsync();

        Assert.Equal([600, 600, 1800, 1800, 3000, 3000, 4000, 4000], await TakeAsync(run, 8));
        Assert.Null((await run.ReadAsync()).RampPerMinute);
    }

    [Fact]
    public async Task Pace_begins_again_when_the_target_asks_for_a_pause_when_the_guard_holds_and_when_the_run_is_started()
    {
        var run = await StartedAsync();
        await RisenAsync(run);
        await Ledger.HoldAsync(run.Ticket, new(RunHoldCause.RetryAfter, TimeSpan.FromSeconds(1), IsProbe: false), Stop);
        Assert.Equal(600, (await run.ReadAsync()).RampPerMinute);

        await RisenAsync(run);
        var guard = world.Connection.Target.Guard;
        var turn = (await guard.TakeTurnAsync(run.Ticket, Stop)).At!.Value;
        var held = GuardState.Empty with { IsHeld = true };
        Assert.True(await guard.RecordAsync(run.Ticket, turn, new(held, BackfillSignal.LockWaits, "a test", Halts: false), Stop));
        Assert.Equal(600, (await run.ReadAsync()).RampPerMinute);

        await RisenAsync(run);
        await Ledger.EndAsync(run.Ticket, Worker, new(BackfillRunState.Paused, "a test", TimeSpan.Zero, BackfillRunCause.WorkerStopped), Stop);
        await Ledger.StartAsync(run.Ticket, Worker with { WorkerId = Guid.NewGuid() }, Stop);
        Assert.Equal(600, (await run.ReadAsync()).RampPerMinute);
    }

    [Fact]
    public async Task A_lower_throttle_is_the_most_on_the_ramp_too()
    {
        var run = await StartedAsync();
        await run.OrderAsync(RunAction.Set, throttle: 300);

        Assert.Equal([300, 300, 300], await TakeAsync(run, 3));
    }

    [Fact]
    public async Task A_run_on_a_ramp_does_all_of_its_sessions()
    {
        await world.FreshAsync();
        var run = await world.FrozenAsync(4, Settings);
        await run.ApplyAsync();

        await run.MustHaveSucceededAsync();
        Assert.Null((await run.ReadAsync()).RampPerMinute);
    }

    private async Task<TestRun> StartedAsync()
    {
        await world.FreshAsync();
        var run = await world.FrozenAsync(2, Settings);
        await Ledger.StartAsync(run.Ticket, Worker, Stop);
        return run;
    }

    private async Task RisenAsync(TestRun run)
    {
        await TakeAsync(run, 3);
        Assert.Equal(1800, (await run.ReadAsync()).RampPerMinute);
    }

    /// <summary>Takes slots one by one, and says by which pace each was.</summary>
    private async Task<IReadOnlyList<int>> TakeAsync(TestRun run, int count)
    {
        var paces = new List<int>();
        while (paces.Count < count)
        {
            var grant = await Ledger.ReserveSlotsAsync(run.Ticket, 1, TimeSpan.Zero, Stop);
            if (grant.Count == 1)
                paces.Add((int)Math.Round(60.3 / grant.Spacing.TotalSeconds));
        }

        return paces;
    }
}
