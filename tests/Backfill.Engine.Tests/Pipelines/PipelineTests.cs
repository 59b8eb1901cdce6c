using Backfill.Engine.Connections;
using Backfill.Engine.Gates;
using Backfill.Engine.Pipeline;
using Backfill.Engine.Plans;
using Backfill.Engine.Tests.Apply;
using Backfill.Engine.Tests.Gates;
using Backfill.Engine.Tests.Sandbox;
using Backfill.Engine.Tests.Signals;
using Backfill.Engine.Tests.Soak;

namespace Backfill.Engine.Tests.Pipelines;

/// <summary>From gate to gate; called again, it goes on, and does nothing twice.</summary>
[Collection(GateTests.Name)]
public sealed class PipelineTests(GateWorld world, ProductionWorld production) : IAsyncLifetime
{
    private readonly string _folder = ApplyWorld.NewFolder();

    public async ValueTask InitializeAsync()
    {
        await world.FreshAsync();
        await production.FreshAsync();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task It_halts_at_each_gate_and_before_production_and_nothing_is_done_twice()
    {
        var plan = ApplyWorld.PlanOf(world.New[0], world.WithProfile[0]);
        var first = await RunAsync(plan);
        Assert.Equal(["Apply Done 0", "Soak Halted 3 ApplyReview"], Told(first));
        var runId = first.Steps[0].RunId!.Value;
        Assert.Contains($"Confirm-BackfillGate ApplyReview -RunId {runId}", first.Steps[1].Message, StringComparison.Ordinal);
        Assert.NotEmpty(first.Steps[0].Artifacts);
        Assert.Equal(2, first.Apply.Results.Count);
        Assert.Equal(Told(first), Told(await RunAsync(plan)));
        Assert.Equal((1L, 0L, 0L, 4), await DoneAsync());

        await world.ApproveAsync(runId, BackfillGateName.ApplyReview);
        var second = await RunAsync(plan);
        Assert.Equal(["Apply Done 0", "Soak Done 0", "ProdHealth Halted 3 SoakGoNoGo"], Told(second));
        Assert.Contains($"Confirm-BackfillGate SoakGoNoGo -RunId {runId}", second.Steps[2].Message, StringComparison.Ordinal);
        Assert.Equal(2, second.Soak.Samples.Count);
        Assert.Equal(Told(second), Told(await RunAsync(plan)));
        Assert.Equal((1L, 1L, 2L, 4), await DoneAsync());

        await world.ApproveAsync(runId, BackfillGateName.SoakGoNoGo);
        var third = await RunAsync(plan);
        Assert.Equal(["Apply Done 0", "Soak Done 0", "ProdHealth Halted 3"], Told(third));
        Assert.Contains("-ProductionConnection", third.Steps[2].Message, StringComparison.Ordinal);
        Assert.Equal((1L, 1L, 3L, 4), await DoneAsync());

        // From another connection, as from another machine.
        await using var elsewhere = (await world.ConnectAsync(requireLedger: true)).Target;
        var there = OpenTarget.Connect(world.Connection.Identity, elsewhere);
        var fourth = await RunAsync(plan, production.Connection, there);
        Assert.Equal(["Apply Done 0", "Soak Done 0", "ProdHealth Halted 3 ProdApply"], Told(fourth));
        Assert.Contains($"Invoke-BackfillApply -Path '{Path.Combine(_folder, "prod_mini_backfill_plan.json")}'", fourth.Steps[2].Message, StringComparison.Ordinal);
        Assert.Equal((runId, there), (fourth.Steps[2].RunId, fourth.Steps[2].Connection));
        Assert.True(File.Exists(Path.Combine(_folder, "prod_health_check.md")));
        var health = new PlanReader().Read(Path.Combine(_folder, "prod_mini_backfill_plan.json")).Require();
        Assert.Equal(BackfillEnvironment.Production, health.Environment);
        Assert.Equal(Told(fourth), Told(await RunAsync(plan, production.Connection)));
        Assert.Equal((1L, 1L, 4L, 4), await DoneAsync());
        Assert.Equal(0, await production.ScalarAsync<long>("select count(*) from backfill.run"));

        // Frozen there by a person, it is named.
        var frozen = await production.ApplyAsync(new PlanReader().Read(Path.Combine(_folder, "prod_mini_backfill_plan.json")).Require());
        var fifth = await RunAsync(plan, production.Connection);
        Assert.Contains($"Confirm-BackfillGate ProdApply -RunId {frozen.Run.RunId}", fifth.Steps[2].Message, StringComparison.Ordinal);
        Assert.Contains($"-EvidenceRunId {runId}", fifth.Steps[2].Message, StringComparison.Ordinal);
        Assert.Equal((frozen.Run.RunId, production.Connection), (fifth.Steps[2].RunId, fifth.Steps[2].Connection));

        // Nothing that completed since then lacks anything.
        var healthy = await RunAsync(plan, production.Connection, since: DateTimeOffset.UtcNow);
        Assert.Equal(["Apply Done 0", "Soak Done 0", "ProdHealth Done 0"], Told(healthy));
        Assert.Equal((1L, 1L, 4L, 4), await DoneAsync());
        Assert.Empty(await production.CallsAsync());
    }

    [Fact]
    public async Task A_gate_that_is_decided_waits_in_the_metrics_no_longer_than_until_it_is_called_again()
    {
        var plan = ApplyWorld.PlanOf(world.New[0]);
        var runId = (await RunAsync(plan)).Steps[0].RunId!.Value;
        Assert.True(PendingSince(BackfillGateName.ApplyReview) > 1e9);
        await world.DecideAsync(runId, BackfillGateName.ApplyReview, approve: false);
        await RunAsync(plan);
        Assert.Equal(0, PendingSince(BackfillGateName.ApplyReview));

        await world.ApproveAsync(runId, BackfillGateName.ApplyReview);
        await RunAsync(plan);
        Assert.True(PendingSince(BackfillGateName.SoakGoNoGo) > 1e9);
        await world.ApproveAsync(runId, BackfillGateName.SoakGoNoGo);
        await RunAsync(plan);
        Assert.Equal(0, PendingSince(BackfillGateName.SoakGoNoGo));
        Assert.Equal(0, Used());

        await RunAsync(plan, production.Connection);
        Assert.Equal(0, PendingSince(BackfillGateName.SoakGoNoGo));
        Assert.Equal(1, Used());

        double PendingSince(BackfillGateName gate) => new MetricText(File.ReadAllText(LogOf("metrics.prom"))).Of(
            "backfill_gate_pending_since_timestamp_seconds", (MetricText.Environment, "staging"), ("backfill_gate_name", $"{gate}"));

        int Used() => File.ReadLines(LogOf("events.jsonl")).Count(
            l => l.Contains("\"backfill.gate.used\"", StringComparison.Ordinal) && l.Contains("\"SoakGoNoGo\"", StringComparison.Ordinal));

        string LogOf(string name) => Path.Combine(_folder, "backfill_logs", name);
    }

    [Fact]
    public async Task A_production_run_that_has_not_ended_is_gone_on_with_whatever_the_plan_written_now_holds()
    {
        var plan = ApplyWorld.PlanOf(world.New[0]);
        var runId = (await RunAsync(plan)).Steps[0].RunId!.Value;
        await world.ApproveAsync(runId, BackfillGateName.ApplyReview);
        await RunAsync(plan);
        await world.ApproveAsync(runId, BackfillGateName.SoakGoNoGo);

        // Frozen in the evening; by now production lacks more.
        var frozen = (await production.FreezeAsync(production.New[0], production.New[1])).Run.RunId;
        var there = $"-RunId {frozen} -Connection $production";
        await TellsAsync(
            BackfillGateName.ProdApply,
            $"Run {frozen} is Pending, with 2 of 2 sessions left.",
            $"Confirm-BackfillGate ProdApply {there} -EvidenceConnection $staging -EvidenceRunId {runId} ");

        await production.Desk.DecideAsync(
            (await production.DecisionAsync(frozen, null, null)) with { Approve = false }, TestContext.Current.CancellationToken);
        await TellsAsync(BackfillGateName.ProdApply, $"Stop-BackfillRun {there}");

        // Approved, then stopped half-way.
        await production.ApproveAsync(frozen, BackfillGateName.ProdApply);
        await TellsAsync(null, $"Go on with it: Invoke-BackfillApply {there}.");
        await production.SetAsync(new SandboxFault(SandboxFaultKind.Status) { StatusCode = 401, SessionIds = [production.New[1]] });
        await production.GoOnAsync(frozen);
        await production.Control.ClearFaultsAsync();
        await TellsAsync(null, $"Run {frozen} is Halted (", $"Mend the cause, then go on with it: Invoke-BackfillApply {there}.");
        Assert.Equal(1, await production.ScalarAsync<long>("select count(*) from backfill.run"));

        async Task TellsAsync(BackfillGateName? gate, params string[] parts)
        {
            var step = (await RunAsync(plan, production.Connection)).Steps[^1];
            Assert.Equal("ProdHealth Halted", step.ToString());
            Assert.Equal(gate, step.Gate);
            Assert.All(parts, p => Assert.Contains(p, step.Message, StringComparison.Ordinal));
            Assert.Contains("It is not of the plan written now", step.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("freezes", step.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_trial_of_one_session_is_not_taken_for_the_plan_and_the_rest_is_applied_and_reviewed()
    {
        var plan = ApplyWorld.PlanOf(world.New[0], world.New[1], world.New[2]);
        var trial = (await world.ApplyAsync(new ApplyRequest
        {
            Plan = plan,
            Selected = new HashSet<Guid> { world.New[1] },
            OutputPath = _folder,
        })).Run.RunId;
        await world.ApproveAsync(trial, BackfillGateName.ApplyReview);
        var calls = (await world.CallsAsync()).Count;

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
        var plan = ApplyWorld.PlanOf(world.New[0], world.New[1]);
        var (ledger, footprint) = (world.Connection.Target.Ledger, Footprint.For(plan));
        var resolution = await ledger.ResolveAsync(plan, footprint, TestContext.Current.CancellationToken);
        var trial = await ledger.FreezeAsync(
            new(Guid.CreateVersion7(), plan, footprint, resolution, new HashSet<Guid> { world.New[0] }, RunWorld.Quick, BackfillReprocess.None, "tester@here"),
            TestContext.Current.CancellationToken);
        Assert.Equal(["Apply Done 0", "Soak Halted 3 ApplyReview"], Told(await RunAsync(plan)));
        var runs = await world.Runs.ListAsync(new RunFilter(), TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal([(2, 1, 1), (1, 1, 0)], runs.Select(r => (r.Total, r.Succeeded, r.Skipped)));
        Assert.Equal(trial.RunId, runs[1].RunId);
    }

    [Fact]
    public async Task A_denied_or_expired_gate_halts_it()
    {
        var plan = ApplyWorld.PlanOf(world.New[0]);
        var runId = (await RunAsync(plan)).Steps[0].RunId!.Value;
        await world.DecideAsync(runId, BackfillGateName.ApplyReview, approve: false);
        Assert.Equal(["Apply Done 0", "Soak Halted 3 ApplyReview"], Told(await RunAsync(plan)));
        await world.DecideAsync(runId, BackfillGateName.ApplyReview, approve: true, TimeSpan.FromMilliseconds(1));
        await Patiently.AskAsync(() => world.GateAsync(runId, BackfillGateName.ApplyReview), g => g.Status == BackfillGateStatus.Expired);
        Assert.Equal(["Apply Done 0", "Soak Halted 3 ApplyReview"], Told(await RunAsync(plan)));
        Assert.Equal(0, await world.ScalarAsync<long>("select count(*) from backfill.soak"));
    }

    [Fact]
    public async Task A_soak_that_was_stopped_is_gone_on_with()
    {
        var plan = ApplyWorld.PlanOf(world.New[0]);
        var runId = (await RunAsync(plan)).Steps[0].RunId!.Value;
        await world.ApproveAsync(runId, BackfillGateName.ApplyReview);
        using var stop = new CancellationTokenSource();
        var stopped = await RunAsync(plan, sink: new() { Soak = new() { OnTaken = _ => stop.Cancel() } }, stop: stop.Token);
        Assert.Equal(["Apply Done 0", "Soak Halted 3"], Told(stopped));
        Assert.Equal(["Apply Done 0", "Soak Done 0", "ProdHealth Halted 3 SoakGoNoGo"], Told(await RunAsync(plan)));
        Assert.Equal((1L, 1L, 2L), await LedgerAsync());
    }

    [Fact]
    public async Task A_soak_that_nobody_watched_to_its_end_halts_it_at_the_first_call()
    {
        var plan = ApplyWorld.PlanOf(world.New[0]);
        var runId = (await RunAsync(plan)).Steps[0].RunId!.Value;
        await world.ApproveAsync(runId, BackfillGateName.ApplyReview);
        using var stop = new CancellationTokenSource();
        await RunAsync(plan, sink: new() { Soak = new() { OnTaken = _ => stop.Cancel() } }, stop: stop.Token);
        await world.ExecuteAsync("update backfill.soak set window_start = window_start - interval '1 hour', window_end = window_end - interval '1 hour'");
        var report = Path.Combine(_folder, "staging_observability.md");
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
        var plan = ApplyWorld.PlanOf(world.New[0]);
        var runId = (await RunAsync(plan)).Steps[0].RunId!.Value;
        await world.ApproveAsync(runId, BackfillGateName.ApplyReview);
        await RunAsync(plan);
        await world.ApproveAsync(runId, BackfillGateName.ApplyReview);
        // A process that died just then: the old soak's verdict is not the new one's.
        await world.Desk.UseAsync(runId, BackfillGateName.ApplyReview, ApprovalUse.Name(Guid.CreateVersion7()), TestContext.Current.CancellationToken);
        Assert.Equal(["Apply Done 0", "Soak Done 0", "ProdHealth Halted 3 SoakGoNoGo"], Told(await RunAsync(plan)));
        Assert.Equal((1L, 2L, 4L), await LedgerAsync());
    }

    [Fact]
    public async Task A_halted_run_fails_it_until_a_person_has_mended_or_approved_it()
    {
        var plan = ApplyWorld.PlanOf(world.New[0]);
        await world.SetAsync(new SandboxFault(SandboxFaultKind.Status) { StatusCode = 401 });
        Assert.Equal(["Apply Failed 1"], Told(await RunAsync(plan)));
        await world.Control.ClearFaultsAsync();
        var again = await RunAsync(plan);
        Assert.Equal(["Apply Failed 1"], Told(again));
        Assert.Contains($"Invoke-BackfillApply -RunId {again.Steps[0].RunId}", again.Steps[0].Message, StringComparison.Ordinal);
        Assert.Equal(1, (await LedgerAsync()).Runs);

        await world.ApplyAsync(new ApplyRequest { RunId = again.Steps[0].RunId, OutputPath = _folder });
        Assert.Equal(["Apply Done 0", "Soak Halted 3 ApplyReview"], Told(await RunAsync(plan)));
    }

    [Fact]
    public async Task A_run_that_was_stopped_for_good_or_undone_fails_it()
    {
        var plan = ApplyWorld.PlanOf(world.New[0]);
        var runId = (await RunAsync(plan)).Steps[0].RunId!.Value;
        await world.ApproveAsync(runId, BackfillGateName.ApplyReview);
        await world.UndoAsync(runId);
        Assert.Equal(["Apply Failed 1"], Told(await RunAsync(plan)));

        await world.FreshAsync();
        var stopped = await world.FrozenAsync(plan, RunWorld.Quick);
        await stopped.OrderAsync(RunAction.Stop);
        Assert.Equal(BackfillRunState.Aborted, (await stopped.ReadAsync()).State);
        Assert.Equal(["Apply Failed 1"], Told(await RunAsync(plan)));
        Assert.Equal(1, (await LedgerAsync()).Runs);
    }

    [Fact]
    public async Task Decisions_that_were_tampered_with_fail_it()
    {
        var plan = ApplyWorld.PlanOf(world.New[0]);
        var runId = (await RunAsync(plan)).Steps[0].RunId!.Value;
        await world.ApproveAsync(runId, BackfillGateName.ApplyReview);
        await world.ExecuteAsync("update backfill.run set gate_count = 2");
        await FailsAsync(["Apply Done 0", "Soak Failed 1"]);
        await world.ExecuteAsync("update backfill.run set gate_count = 1");
        await RunAsync(plan);
        await world.ApproveAsync(runId, BackfillGateName.SoakGoNoGo);
        await world.ExecuteAsync("delete from backfill.gate where sequence = 3");
        await FailsAsync(["Apply Done 0", "Soak Failed 1"]);

        async Task FailsAsync(string[] steps)
        {
            var failed = await RunAsync(plan);
            Assert.Equal(steps, Told(failed));
            Assert.Equal("GateChainBroken", Assert.Single(failed.Errors).Code);
        }
    }

    [Fact]
    public async Task It_begins_on_staging_and_looks_at_production()
    {
        var plan = ApplyWorld.PlanOf(world.New[0]);
        Assert.Equal("PipelineNeedsStaging", await RefusalAsync(plan, null, production.Connection));
        Assert.Equal("PipelineNeedsStaging", await RefusalAsync(ProductionWorld.ProductionPlanOf(world.New[0]), null, world.Connection));
        Assert.Equal("PipelineNeedsProduction", await RefusalAsync(plan, world.Connection, world.Connection));
        Assert.Equal((0L, 0L, 0L), await LedgerAsync());
    }

    private async Task<string> RefusalAsync(BackfillPlan plan, BackfillConnection? there, BackfillConnection here) =>
        (await Assert.ThrowsAsync<BackfillException>(() => RunAsync(plan, there, here))).Code;

    private async Task<StepSink> RunAsync(
        BackfillPlan plan,
        BackfillConnection? there = null,
        BackfillConnection? here = null,
        StepSink? sink = null,
        DateTimeOffset? since = null,
        CancellationToken stop = default)
    {
        sink ??= new();
        var request = new PipelineRequest
        {
            Plan = plan,
            OutputPath = _folder,
            ThrottlePerMinute = 60_000,
            Duration = TimeSpan.FromSeconds(1),
            Interval = TimeSpan.FromMilliseconds(500),
        };
        request = since is { } from ? request with { Since = from } : request;
        await new PipelineDirector(here ?? world.Connection, there, TimeProvider.System).RunAsync(request, sink, stop);
        return sink;
    }

    private static IEnumerable<string> Told(StepSink sink) =>
        sink.Steps.Select(s => $"{s} {s.ExitCode}{(s.Gate is { } gate ? $" {gate}" : "")}");

    /// <summary>Runs, soaks, decisions and uses, and calls of functions.</summary>
    private async Task<(long Runs, long Soaks, long Decisions, int Calls)> DoneAsync()
    {
        var (runs, soaks, decisions) = await LedgerAsync();
        return (runs, soaks, decisions, (await world.CallsAsync()).Count);
    }

    private async Task<(long Runs, long Soaks, long Decisions)> LedgerAsync() => (
        await world.ScalarAsync<long>("select count(*) from backfill.run"),
        await world.ScalarAsync<long>("select count(*) from backfill.soak"),
        await world.DecisionsAsync());

    /// <summary>Keeps what a pipeline reports.</summary>
    private sealed class StepSink : IPipelineSink
    {
        public RecordingSink Apply { get; } = new();

        public SoakSink Soak { get; init; } = new();

        public List<BackfillPipelineStep> Steps { get; } = [];

        public List<BackfillException> Errors { get; } = [];

        IApplySink IPipelineSink.Apply => Apply;

        ISoakSink IPipelineSink.Soak => Soak;

        public void Ended(BackfillPipelineStep step) => Steps.Add(step);

        public void Failed(BackfillException error) => Errors.Add(error);
    }
}
