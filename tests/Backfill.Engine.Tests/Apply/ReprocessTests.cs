using Backfill.Engine.Tests.Sandbox;

namespace Backfill.Engine.Tests.Apply;

/// <summary>The same plan again: what is done stays done, unless it is asked for or was undone.</summary>
[Collection(ApplyCollection.Name)]
public sealed class ReprocessTests(RunWorld world)
{
    [Fact]
    public async Task The_same_plan_again_does_what_was_not_done_and_what_was_undone()
    {
        await world.FreshAsync();
        var (good, spared, idle, bad) = (world.New[0], world.New[1], world.New[2], world.New[3]);
        await world.SetAsync(
            new SandboxFault(SandboxFaultKind.NoWrite) { SessionIds = [idle] },
            new SandboxFault(SandboxFaultKind.Status) { SessionIds = [bad], StatusCode = 400 });
        var plan = ApplyWorld.PlanOf(good, spared, idle, bad);

        var first = await AgainAsync(plan, BackfillReprocess.None);
        Assert.Equal([good, spared, idle, bad], await CalledAsync(first));
        await world.Control.ClearFaultsAsync();

        var none = await AgainAsync(plan, BackfillReprocess.None);
        Assert.Empty(await CalledAsync(none));
        Assert.Equal((BackfillRunState.Completed, 4), ((await none.ReadAsync()).State, (await none.ReadAsync()).Skipped));
        var reasons = (await none.ResultsAsync()).Select(r => r.Reason!).ToList();
        Assert.Equal(["AlreadyApplied", "AlreadyApplied"], reasons.Take(2));
        Assert.All(reasons.Skip(2), r => Assert.Contains(first.Id.ToString(), r, StringComparison.Ordinal));

        var failed = await AgainAsync(plan, BackfillReprocess.Failed);
        Assert.Equal([idle, bad], await CalledAsync(failed));
        Assert.Equal(2, (await failed.ReadAsync()).Succeeded);

        var all = await AgainAsync(plan, BackfillReprocess.All);
        Assert.Equal([good, spared, idle, bad], await CalledAsync(all));

        // Undoing the second doing leaves the first one in force.
        await RolledBackAsync(all);
        Assert.Empty(await CalledAsync(await AgainAsync(plan, BackfillReprocess.None)));
        await RolledBackAsync(first);
        Assert.Equal([good, spared], await CalledAsync(await AgainAsync(plan, BackfillReprocess.None)));
        Assert.Empty(await CalledAsync(await AgainAsync(plan, BackfillReprocess.None)));
    }

    [Fact]
    public async Task Sessions_of_an_aborted_run_that_were_never_tried_are_done_by_the_next()
    {
        await world.FreshAsync();
        var plan = ApplyWorld.PlanOf(world.New[0], world.New[1]);
        var aborted = await world.FrozenAsync(plan, RunWorld.Quick);
        await aborted.OrderAsync(RunAction.Stop);
        Assert.Equal((BackfillRunState.Aborted, 2), ((await aborted.ReadAsync()).State, (await aborted.ReadAsync()).NeverCalled));
        Assert.Equal(2, (await CalledAsync(await AgainAsync(plan, BackfillReprocess.None))).Count);
        await Assert.ThrowsAsync<BackfillException>(() => aborted.ApplyAsync());
    }

    private async Task<TestRun> AgainAsync(BackfillPlan plan, BackfillReprocess reprocess)
    {
        var run = await world.FrozenAsync(plan, RunWorld.Quick with { ConcurrencyLimit = 1 }, reprocess);
        await run.ApplyAsync();
        return run;
    }

    private static async Task<IReadOnlyList<Guid>> CalledAsync(TestRun run) =>
        [.. (await run.CallsAsync()).Select(c => c.SessionId).Distinct()];

    private Task RolledBackAsync(TestRun run) =>
        world.ExecuteAsync("update backfill.run set state = 'RolledBack' where run_id = $1", run.Id);
}
