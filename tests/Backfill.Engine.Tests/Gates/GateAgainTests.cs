using Backfill.Engine.Tests.Apply;
using Backfill.Engine.Tests.Sandbox;

namespace Backfill.Engine.Tests.Gates;

/// <summary>The same plan again, or a part of it: the review speaks of the plan's sessions, whichever run has tried them.</summary>
[Collection(GateTests.Name)]
public sealed class GateAgainTests(GateWorld world) : IAsyncLifetime
{
    public async ValueTask InitializeAsync() => await world.FreshAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task What_did_not_succeed_is_not_mended_by_running_the_plan_once_more()
    {
        var plan = await LeftAsync();
        var again = await world.ApplyAsync(plan);

        Assert.Equal((BackfillRunState.Completed, 4), (again.Run.State, again.Run.Skipped));
        var gate = again.End.Gate!;
        Assert.Equal(["Failed", "NoEffect", "Unknown"], gate.Criteria.Where(c => c.Passed == false).Select(c => c.Name));
        Assert.All(gate.Criteria.Where(c => c.Passed == false), c => Assert.Equal("1 (of an earlier run of the plan)", c.Actual));
        Assert.Equal(gate.Criteria, (await world.GateAsync(again.Run.RunId, BackfillGateName.ApplyReview)).Criteria);
        var summary = await File.ReadAllTextAsync(Path.Combine(again.OutputPath, "backfill_summary.md"), TestContext.Current.CancellationToken);
        Assert.Contains("| Failed | at most 0 | 1 (of an earlier run of the plan) | **no** |", summary, StringComparison.Ordinal);
        // A third run passes over what the first one tried, not over what the second passed over.
        var third = (await world.ApplyAsync(plan)).End.Gate!;
        Assert.Equal(gate.Criteria, third.Criteria);

        var tried = await world.ApplyAsync(new ApplyRequest
        {
            Plan = plan,
            OutputPath = ApplyWorld.NewFolder(),
            ThrottlePerMinute = ApplyWorld.QuickPace,
            Reprocess = BackfillReprocess.Failed,
        });
        Assert.Equal((true, 3, 1), (tried.End.Gate!.Passed, tried.Run.Succeeded, tried.Run.Skipped));
    }

    [Fact]
    public async Task An_approval_is_bound_to_what_an_earlier_run_left()
    {
        var again = (await world.ApplyAsync(await LeftAsync())).Run.RunId;
        await world.DecideAsync(again, BackfillGateName.ApplyReview, approve: true);
        await world.ExecuteAsync("update backfill.item set outcome = 'Succeeded' where outcome = 'Failed'");
        Assert.Equal(BackfillGateStatus.Invalidated, (await world.GateAsync(again, BackfillGateName.ApplyReview)).Status);
    }

    [Fact]
    public async Task What_a_removed_run_has_left_is_unknown()
    {
        var again = (await world.ApplyAsync(await LeftAsync())).Run.RunId;
        await world.ExecuteAsync("delete from backfill.run where run_id <> $1", again);
        var criteria = (await world.GateAsync(again, BackfillGateName.ApplyReview)).Criteria;
        Assert.Equal("3 (of an earlier run of the plan)", criteria.Single(c => c.Name == "Unknown").Actual);
        Assert.Equal(("0", "0"), (criteria.Single(c => c.Name == "Failed").Actual, criteria.Single(c => c.Name == "NoEffect").Actual));
    }

    [Fact]
    public async Task A_part_of_the_plan_does_not_stand_for_all_of_it()
    {
        var plan = ApplyWorld.PlanOf(world.New[0], world.New[1], world.New[2]);
        var trial = await world.ApplyAsync(new ApplyRequest
        {
            Plan = plan,
            OutputPath = ApplyWorld.NewFolder(),
            ThrottlePerMinute = ApplyWorld.QuickPace,
            Selected = new HashSet<Guid> { world.New[1] },
        });
        Assert.Equal((BackfillRunState.Completed, 1), (trial.Run.State, trial.Run.Succeeded));
        var unmet = Assert.Single(trial.End.Gate!.Criteria, c => c.Passed == false);
        Assert.Equal(("Settled", "3 of 3 sessions", "1 of 1 sessions, a part of the plan's 3"), (unmet.Name, unmet.Expected, unmet.Actual));
        Assert.Equal("GatePending", await world.SoakRefusalAsync(trial.Run.RunId));

        var whole = await world.ApplyAsync(plan);
        Assert.Equal((2, 1, true), (whole.Run.Succeeded, whole.Run.Skipped, whole.End.Gate!.Passed));
        Assert.Equal("3 of 3 sessions", whole.End.Gate.Criteria.Single(c => c.Name == "Settled").Actual);
    }

    /// <summary>A run of a plan of four has ended: one succeeded, one had no effect, one failed, one is unknown.</summary>
    private async Task<BackfillPlan> LeftAsync()
    {
        var (good, idle, bad, lost) = (world.New[0], world.New[1], world.New[2], world.New[3]);
        await world.SetAsync(
            new SandboxFault(SandboxFaultKind.NoWrite) { SessionIds = [idle] },
            new SandboxFault(SandboxFaultKind.Status) { SessionIds = [bad, lost], StatusCode = 400 });
        var plan = ApplyWorld.PlanOf(good, idle, bad, lost);
        var left = await world.ApplyAsync(plan);
        Assert.Equal((1, 1, 2), (left.Run.Succeeded, left.Run.NoEffect, left.Run.Failed));
        await world.ExecuteAsync("update backfill.item set outcome = 'Unknown', settled_at = settled_at - interval '1 day' where session_id = $1", lost);
        await world.Control.ClearFaultsAsync();
        return plan;
    }
}
