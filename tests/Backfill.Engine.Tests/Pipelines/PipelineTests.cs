using Backfill.Engine.Connections;
using Backfill.Engine.Plans;
using Backfill.Engine.Tests.Apply;
using Backfill.Engine.Tests.Gates;
using Backfill.Engine.Tests.Sandbox;
using Backfill.Engine.Tests.Signals;

namespace Backfill.Engine.Tests.Pipelines;

/// <summary>From gate to gate; called again, it goes on, and does nothing twice.</summary>
[Collection(GateTests.Name)]
public sealed class PipelineTests(GateWorld world, ProductionWorld production) : PipelineSteps(world, production)
{
    private readonly ProductionWorld _production = production;

    [Fact]
    public async Task It_halts_at_each_gate_and_before_production_and_nothing_is_done_twice()
    {
        var plan = ApplyWorld.PlanOf(World.New[0], World.WithProfile[0]);
        var first = await RunAsync(plan);
        Assert.Equal(["Apply Done 0", "Soak Halted 3 ApplyReview"], Told(first));
        var runId = first.Steps[0].RunId!.Value;
        Assert.Contains($"Confirm-BackfillGate ApplyReview -RunId {runId}", first.Steps[1].Message, StringComparison.Ordinal);
        Assert.NotEmpty(first.Steps[0].Artifacts);
        Assert.Equal(2, first.Apply.Results.Count);
        Assert.Equal(Told(first), Told(await RunAsync(plan)));
        Assert.Equal((1L, 0L, 0L, 4), await DoneAsync());

        await World.ApproveAsync(runId, BackfillGateName.ApplyReview);
        var second = await RunAsync(plan);
        Assert.Equal(["Apply Done 0", "Soak Done 0", "ProdHealth Halted 3 SoakGoNoGo"], Told(second));
        Assert.Contains($"Confirm-BackfillGate SoakGoNoGo -RunId {runId}", second.Steps[2].Message, StringComparison.Ordinal);
        Assert.Equal(2, second.Soak.Samples.Count);
        Assert.Equal(Told(second), Told(await RunAsync(plan)));
        Assert.Equal((1L, 1L, 2L, 4), await DoneAsync());

        await World.ApproveAsync(runId, BackfillGateName.SoakGoNoGo);
        var third = await RunAsync(plan);
        Assert.Equal(["Apply Done 0", "Soak Done 0", "ProdHealth Halted 3"], Told(third));
        Assert.Contains("-ProductionConnection", third.Steps[2].Message, StringComparison.Ordinal);
        Assert.Equal((1L, 1L, 3L, 4), await DoneAsync());

        // From another connection, as from another machine.
        await using var elsewhere = (await World.ConnectAsync(requireLedger: true)).Target;
        var there = OpenTarget.Connect(World.Connection.Identity, elsewhere);
        var fourth = await RunAsync(plan, _production.Connection, there);
        Assert.Equal(["Apply Done 0", "Soak Done 0", "ProdHealth Halted 3 ProdApply"], Told(fourth));
        Assert.Contains($"Invoke-BackfillApply -Path '{Path.Combine(Folder, "prod_mini_backfill_plan.json")}'", fourth.Steps[2].Message, StringComparison.Ordinal);
        Assert.Equal((runId, there), (fourth.Steps[2].RunId, fourth.Steps[2].Connection));
        Assert.True(File.Exists(Path.Combine(Folder, "prod_health_check.md")));
        var health = new PlanReader().Read(Path.Combine(Folder, "prod_mini_backfill_plan.json")).Require();
        Assert.Equal(BackfillEnvironment.Production, health.Environment);
        Assert.Equal(Told(fourth), Told(await RunAsync(plan, _production.Connection)));
        Assert.Equal((1L, 1L, 4L, 4), await DoneAsync());
        Assert.Equal(0, await _production.ScalarAsync<long>("select count(*) from backfill.run"));

        // Frozen there by a person, it is named.
        var frozen = await _production.ApplyAsync(new PlanReader().Read(Path.Combine(Folder, "prod_mini_backfill_plan.json")).Require());
        var fifth = await RunAsync(plan, _production.Connection);
        Assert.Contains($"Confirm-BackfillGate ProdApply -RunId {frozen.Run.RunId}", fifth.Steps[2].Message, StringComparison.Ordinal);
        Assert.Contains($"-EvidenceRunId {runId}", fifth.Steps[2].Message, StringComparison.Ordinal);
        Assert.Equal((frozen.Run.RunId, _production.Connection), (fifth.Steps[2].RunId, fifth.Steps[2].Connection));

        // Nothing completed since then, so nothing is known.
        var unknown = await RunAsync(plan, _production.Connection, since: DateTimeOffset.UtcNow);
        Assert.Equal(["Apply Done 0", "Soak Done 0", "ProdHealth Failed 1"], Told(unknown));
        Assert.StartsWith("Production is NothingAnalyzed", unknown.Steps[2].Message, StringComparison.Ordinal);
        Assert.Equal((1L, 1L, 4L, 4), await DoneAsync());
        Assert.Empty(await _production.CallsAsync());
    }

    [Fact]
    public async Task A_gate_that_is_decided_waits_in_the_metrics_no_longer_than_until_it_is_called_again()
    {
        var plan = ApplyWorld.PlanOf(World.New[0]);
        var runId = (await RunAsync(plan)).Steps[0].RunId!.Value;
        Assert.True(PendingSince(BackfillGateName.ApplyReview) > 1e9);
        await World.DecideAsync(runId, BackfillGateName.ApplyReview, approve: false);
        await RunAsync(plan);
        Assert.Equal(0, PendingSince(BackfillGateName.ApplyReview));

        await World.ApproveAsync(runId, BackfillGateName.ApplyReview);
        await RunAsync(plan);
        Assert.True(PendingSince(BackfillGateName.SoakGoNoGo) > 1e9);
        await World.ApproveAsync(runId, BackfillGateName.SoakGoNoGo);
        await RunAsync(plan);
        Assert.Equal(0, PendingSince(BackfillGateName.SoakGoNoGo));
        Assert.Equal(0, Used());

        await RunAsync(plan, _production.Connection);
        Assert.Equal(0, PendingSince(BackfillGateName.SoakGoNoGo));
        Assert.Equal(1, Used());

        double PendingSince(BackfillGateName gate) => new MetricText(File.ReadAllText(LogOf("metrics.prom"))).Of(
            "backfill_gate_pending_since_timestamp_seconds", (MetricText.Environment, "staging"), ("backfill_gate_name", $"{gate}"));

        int Used() => File.ReadLines(LogOf("events.jsonl")).Count(
            l => l.Contains("\"backfill.gate.used\"", StringComparison.Ordinal) && l.Contains("\"SoakGoNoGo\"", StringComparison.Ordinal));

        string LogOf(string name) => Path.Combine(Folder, "backfill_logs", name);
    }

    [Fact]
    public async Task A_production_run_that_has_not_ended_is_gone_on_with_whatever_the_plan_written_now_holds()
    {
        var plan = ApplyWorld.PlanOf(World.New[0]);
        var runId = (await RunAsync(plan)).Steps[0].RunId!.Value;
        await World.ApproveAsync(runId, BackfillGateName.ApplyReview);
        await RunAsync(plan);
        await World.ApproveAsync(runId, BackfillGateName.SoakGoNoGo);

        // Frozen in the evening; by now production lacks more.
        var frozen = (await _production.FreezeAsync(_production.New[0], _production.New[1])).Run.RunId;
        var there = $"-RunId {frozen} -Connection Production";
        await TellsAsync(
            BackfillGateName.ProdApply,
            $"Run {frozen} is Pending, with 2 of 2 sessions left.",
            $"Confirm-BackfillGate ProdApply {there} -EvidenceConnection Staging -EvidenceRunId {runId}");

        await _production.Desk.DecideAsync(
            (await _production.DecisionAsync(frozen, null, null)) with { Approve = false }, TestContext.Current.CancellationToken);
        await TellsAsync(BackfillGateName.ProdApply, $"Stop-BackfillRun {there}");

        // Approved, then stopped half-way.
        await _production.ApproveAsync(frozen, BackfillGateName.ProdApply);
        await TellsAsync(null, $"Resume it: Invoke-BackfillApply {there}");
        await _production.SetAsync(new SandboxFault(SandboxFaultKind.Status) { StatusCode = 401, SessionIds = [_production.New[1]] });
        await _production.GoOnAsync(frozen);
        await _production.Control.ClearFaultsAsync();
        await TellsAsync(null, $"Run {frozen} is Halted (", $"Fix the cause, then resume it: Invoke-BackfillApply {there}");
        Assert.Equal(1, await _production.ScalarAsync<long>("select count(*) from backfill.run"));

        async Task TellsAsync(BackfillGateName? gate, params string[] parts)
        {
            var step = (await RunAsync(plan, _production.Connection)).Steps[^1];
            Assert.Equal("ProdHealth Halted", step.ToString());
            Assert.Equal(gate, step.Gate);
            Assert.All(parts, p => Assert.Contains(p, step.Message, StringComparison.Ordinal));
            Assert.Contains("It is not of the plan written now", step.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("freeze it", step.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_trial_of_one_session_is_not_taken_for_the_plan_and_the_rest_is_applied_and_reviewed()
    {
        var plan = ApplyWorld.PlanOf(World.New[0], World.New[1], World.New[2]);
        var trial = (await World.ApplyAsync(new ApplyRequest
        {
            Plan = plan,
            Selected = new HashSet<Guid> { World.New[1] },
            OutputPath = Folder,
        })).Run.RunId;
        await World.ApproveAsync(trial, BackfillGateName.ApplyReview);
        var calls = (await World.CallsAsync()).Count;

        var rest = await RunAsync(plan);
        Assert.Equal(["Apply Done 0", "Soak Halted 3 ApplyReview"], Told(rest));
        Assert.NotEqual(trial, rest.Steps[0].RunId);
        Assert.Equal(rest.Steps[0].RunId, rest.Steps[1].RunId);
        Assert.Contains("2 of 3 sessions succeeded, 1 skipped", rest.Steps[0].Message, StringComparison.Ordinal);
        Assert.Equal((2L, 0L, 1L, 3 * calls), await DoneAsync());

        var again = await RunAsync(plan);
        Assert.Equal(Told(rest), Told(again));
        Assert.Equal(rest.Steps[0].RunId, again.Steps[0].RunId);
        Assert.Equal((2L, 0L, 1L, 3 * calls), await DoneAsync());
    }

    [Fact]
    public async Task A_trial_that_has_not_ended_is_ended_before_the_rest_is_applied()
    {
        var plan = ApplyWorld.PlanOf(World.New[0], World.New[1]);
        var (ledger, footprint) = (World.Connection.Target.Ledger, Footprint.For(plan));
        var resolution = await ledger.ResolveAsync(plan, footprint, TestContext.Current.CancellationToken);
        var trial = await ledger.FreezeAsync(
            new(Guid.CreateVersion7(), plan, footprint, resolution, new HashSet<Guid> { World.New[0] }, RunWorld.Quick, BackfillReprocess.None, "tester@here"),
            TestContext.Current.CancellationToken);
        Assert.Equal(["Apply Done 0", "Soak Halted 3 ApplyReview"], Told(await RunAsync(plan)));
        var runs = await World.Runs.ListAsync(new RunFilter(), TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal([(2, 1, 1), (1, 1, 0)], runs.Select(r => (r.Total, r.Succeeded, r.Skipped)));
        Assert.Equal(trial.RunId, runs[1].RunId);
    }

    [Fact]
    public async Task It_begins_on_staging_and_looks_at_production()
    {
        var plan = ApplyWorld.PlanOf(World.New[0]);
        Assert.Equal("PipelineNeedsStaging", await RefusalAsync(plan, null, _production.Connection));
        Assert.Equal("PipelineNeedsStaging", await RefusalAsync(ProductionWorld.ProductionPlanOf(World.New[0]), null, World.Connection));
        Assert.Equal("PipelineNeedsProduction", await RefusalAsync(plan, World.Connection, World.Connection));
        Assert.Equal((0L, 0L, 0L), await LedgerAsync());
    }

    private async Task<string> RefusalAsync(BackfillPlan plan, BackfillConnection? there, BackfillConnection here) =>
        (await Assert.ThrowsAsync<BackfillException>(() => RunAsync(plan, there, here))).Code;
}
