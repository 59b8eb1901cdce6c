using Backfill.Engine.Gates;
using Backfill.Engine.Tests.Apply;
using Backfill.Engine.Tests.Gates;
using Backfill.Engine.Tests.Sandbox;

namespace Backfill.Engine.Tests.Pipelines;

/// <summary>What halts a pipeline or fails it: decisions, soaks and runs that did not go as they should.</summary>
[Collection(GateTests.Name)]
public sealed class PipelineHaltTests(GateWorld world, ProductionWorld production) : PipelineSteps(world, production)
{
    [Fact]
    public async Task A_denied_or_expired_gate_halts_it()
    {
        var plan = ApplyWorld.PlanOf(World.New[0]);
        var runId = (await RunAsync(plan)).Steps[0].RunId!.Value;
        await World.DecideAsync(runId, BackfillGateName.ApplyReview, approve: false);
        Assert.Equal(["Apply Done 0", "Soak Halted 3 ApplyReview"], Told(await RunAsync(plan)));
        await World.DecideAsync(runId, BackfillGateName.ApplyReview, approve: true, TimeSpan.FromMilliseconds(1));
        await Patiently.AskAsync(() => World.GateAsync(runId, BackfillGateName.ApplyReview), g => g.Status == BackfillGateStatus.Expired);
        Assert.Equal(["Apply Done 0", "Soak Halted 3 ApplyReview"], Told(await RunAsync(plan)));
        Assert.Equal(0, await World.ScalarAsync<long>("select count(*) from backfill.soak"));
    }

    [Fact]
    public async Task It_halts_at_a_review_of_its_run_and_goes_on_after_the_approval()
    {
        var plan = ApplyWorld.PlanOf([.. World.New.Take(3)]);
        var halted = await RunAsync(plan, reviewAfter: "2");
        Assert.Equal(["Apply Halted 3 BatchReview"], Told(halted));
        Assert.Contains(Path.Combine(Folder, "backfill_summary.md"), halted.Steps[0].Artifacts);
        var again = await RunAsync(plan, reviewAfter: "2");
        Assert.Equal(["Apply Halted 3 BatchReview"], Told(again));
        Assert.Empty(again.Errors);
        Assert.Contains("Confirm-BackfillGate BatchReview", again.Steps[0].Message, StringComparison.Ordinal);
        Assert.Equal((1L, 0L, 0L, 4), await DoneAsync());
        await World.ApproveByNameAsync(again.Steps[0].RunId!.Value, BackfillGateName.BatchReview);
        Assert.Equal(["Apply Done 0", "Soak Halted 3 ApplyReview"], Told(await RunAsync(plan, reviewAfter: "2")));
        Assert.Equal((1L, 0L, 2L, 6), await DoneAsync());
    }

    [Fact]
    public async Task A_soak_that_was_stopped_is_gone_on_with()
    {
        var plan = ApplyWorld.PlanOf(World.New[0]);
        var runId = (await RunAsync(plan)).Steps[0].RunId!.Value;
        await World.ApproveAsync(runId, BackfillGateName.ApplyReview);
        using var stop = new CancellationTokenSource();
        var stopped = await RunAsync(plan, sink: new() { Soak = new() { OnTaken = _ => stop.Cancel() } }, stop: stop.Token);
        Assert.Equal(["Apply Done 0", "Soak Halted 3"], Told(stopped));
        Assert.Equal(["Apply Done 0", "Soak Done 0", "ProdHealth Halted 3 SoakGoNoGo"], Told(await RunAsync(plan)));
        Assert.Equal((1L, 1L, 2L), await LedgerAsync());
    }

    [Fact]
    public async Task A_soak_that_nobody_watched_to_its_end_halts_it_at_the_first_call()
    {
        var plan = ApplyWorld.PlanOf(World.New[0]);
        var runId = (await RunAsync(plan)).Steps[0].RunId!.Value;
        await World.ApproveAsync(runId, BackfillGateName.ApplyReview);
        using var stop = new CancellationTokenSource();
        await RunAsync(plan, sink: new() { Soak = new() { OnTaken = _ => stop.Cancel() } }, stop: stop.Token);
        await World.ExecuteAsync("update backfill.soak set window_start = window_start - interval '1 hour', window_end = window_end - interval '1 hour'");
        var report = Path.Combine(Folder, "staging_observability.md");
        File.Delete(report);

        var missed = await RunAsync(plan);
        Assert.Empty(missed.Errors);
        Assert.Equal(["Apply Done 0", "Soak Done 0", "ProdHealth Halted 3 SoakGoNoGo"], Told(missed));
        Assert.Contains("Inconclusive: It was not watched to its end.", missed.Steps[1].Message, StringComparison.Ordinal);
        Assert.Contains(report, missed.Steps[1].Artifacts);
        Assert.True(File.Exists(report));
        Assert.Equal(Told(missed), Told(await RunAsync(plan)));
        Assert.Equal((1L, 1L, 2L), await LedgerAsync());
    }

    [Fact]
    public async Task A_new_approval_of_the_review_is_for_a_new_soak()
    {
        var plan = ApplyWorld.PlanOf(World.New[0]);
        var runId = (await RunAsync(plan)).Steps[0].RunId!.Value;
        await World.ApproveAsync(runId, BackfillGateName.ApplyReview);
        await RunAsync(plan);
        await World.ApproveAsync(runId, BackfillGateName.ApplyReview);
        // A process that died just then: the old soak's verdict is not the new one's.
        await World.Desk.UseAsync(runId, BackfillGateName.ApplyReview, ApprovalUse.Name(Guid.CreateVersion7()), TestContext.Current.CancellationToken);
        Assert.Equal(["Apply Done 0", "Soak Done 0", "ProdHealth Halted 3 SoakGoNoGo"], Told(await RunAsync(plan)));
        Assert.Equal((1L, 2L, 4L), await LedgerAsync());
    }

    [Fact]
    public async Task A_halted_run_fails_it_until_a_person_has_mended_or_approved_it()
    {
        var plan = ApplyWorld.PlanOf(World.New[0]);
        await World.SetAsync(new SandboxFault(SandboxFaultKind.Status) { StatusCode = 401 });
        Assert.Equal(["Apply Failed 1"], Told(await RunAsync(plan)));
        await World.Control.ClearFaultsAsync();
        var again = await RunAsync(plan);
        Assert.Equal(["Apply Failed 1"], Told(again));
        Assert.Contains($"Invoke-BackfillApply -RunId {again.Steps[0].RunId}", again.Steps[0].Message, StringComparison.Ordinal);
        Assert.Equal(1, (await LedgerAsync()).Runs);

        await World.ApplyAsync(new ApplyRequest { RunId = again.Steps[0].RunId, OutputPath = Folder });
        Assert.Equal(["Apply Done 0", "Soak Halted 3 ApplyReview"], Told(await RunAsync(plan)));
    }

    [Fact]
    public async Task A_run_that_was_stopped_for_good_or_undone_fails_it()
    {
        var plan = ApplyWorld.PlanOf(World.New[0]);
        var runId = (await RunAsync(plan)).Steps[0].RunId!.Value;
        await World.ApproveAsync(runId, BackfillGateName.ApplyReview);
        await World.UndoAsync(runId);
        Assert.Equal(["Apply Failed 1"], Told(await RunAsync(plan)));

        await World.FreshAsync();
        var stopped = await World.FrozenAsync(plan, RunWorld.Quick);
        await stopped.OrderAsync(RunAction.Stop);
        Assert.Equal(BackfillRunState.Aborted, (await stopped.ReadAsync()).State);
        Assert.Equal(["Apply Failed 1"], Told(await RunAsync(plan)));
        Assert.Equal(1, (await LedgerAsync()).Runs);
    }

    [Fact]
    public async Task Decisions_that_were_tampered_with_fail_it()
    {
        var plan = ApplyWorld.PlanOf(World.New[0]);
        var runId = (await RunAsync(plan)).Steps[0].RunId!.Value;
        await World.ApproveAsync(runId, BackfillGateName.ApplyReview);
        await World.ExecuteAsync("update backfill.run set gate_count = 2");
        await FailsAsync(["Apply Done 0", "Soak Failed 1"]);
        await World.ExecuteAsync("update backfill.run set gate_count = 1");
        await RunAsync(plan);
        await World.ApproveAsync(runId, BackfillGateName.SoakGoNoGo);
        await World.ExecuteAsync("delete from backfill.gate where sequence = 3");
        await FailsAsync(["Apply Done 0", "Soak Failed 1"]);

        async Task FailsAsync(string[] steps)
        {
            var failed = await RunAsync(plan);
            Assert.Equal(steps, Told(failed));
            Assert.Equal("GateChainBroken", Assert.Single(failed.Errors).Code);
        }
    }
}
