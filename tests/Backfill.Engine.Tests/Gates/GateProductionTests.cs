using Backfill.Engine.Apply;
using Backfill.Engine.Connections;
using Backfill.Engine.Gates;
using Backfill.Engine.Tests.Apply;
using Backfill.Engine.Tests.Sandbox;

namespace Backfill.Engine.Tests.Gates;

/// <summary>A production run is frozen, and calls nothing before it was approved on what the staging ledger says.</summary>
[Collection(GateTests.Name)]
public sealed class GateProductionTests(GateWorld staging, ProductionWorld production) : IAsyncLifetime
{
    private Guid _evidence;

    public async ValueTask InitializeAsync()
    {
        await production.FreshAsync();
        _evidence = await staging.AsMadeAsync("evidence", async () =>
        {
            var runId = await staging.SoakedAsync();
            await staging.ApproveAsync(runId, BackfillGateName.SoakGoNoGo);
            return runId;
        });
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task It_is_frozen_measured_and_raises_its_gate_and_nothing_is_called()
    {
        var frozen = await production.FreezeAsync(production.New[0], production.WithProfile[0]);

        Assert.Equal((BackfillRunState.Pending, 2, 2), (frozen.Run.State, frozen.Run.Total, frozen.Run.Remaining));
        Assert.Equal((BackfillGateName.ProdApply, BackfillGateStatus.Pending), (frozen.End.Gate!.Name, frozen.End.Gate.Status));
        Assert.StartsWith("2 of 2 at ", frozen.End.Gate.Criteria.Single(c => c.Name == "Health").Actual, StringComparison.Ordinal);
        Assert.Empty(frozen.Sink.Results);
        await MustHaveCalledNothingAsync();
        Assert.Equal(0, await production.ScalarAsync<long>("select count(*) from backfill.operation"));
        Assert.Equal(0, await production.ScalarAsync<long>("select count(*) from backfill.image"));
        var summary = await File.ReadAllTextAsync(Path.Combine(frozen.OutputPath, "backfill_summary.md"), TestContext.Current.CancellationToken);
        Assert.Contains($"Confirm-BackfillGate ProdApply -RunId {frozen.Run.RunId}", summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_runs_only_once_it_was_approved_and_then_without_a_further_question()
    {
        var runId = (await production.FreezeAsync(production.New[0], production.WithProfile[0])).Run.RunId;
        Assert.Equal("GatePending", await production.RefusalAsync(runId));
        await MustHaveCalledNothingAsync();

        var decision = await production.DecisionAsync(runId, staging.Connection, _evidence);
        var shown = await production.Desk.PreviewAsync(decision, TestContext.Current.CancellationToken);
        Assert.True(shown.Passed, string.Join('\n', shown.Criteria));
        Assert.Equal(0, await production.ScalarAsync<long>("select count(*) from backfill.gate"));
        var approved = await production.Desk.DecideAsync(decision, TestContext.Current.CancellationToken);
        Assert.Equal((BackfillGateStatus.Approved, false, true), (approved.Status, approved.Overridden, approved.Passed));
        await MustHaveCalledNothingAsync();

        var ended = await production.GoOnAsync(runId);
        Assert.Equal((BackfillRunState.Completed, 2), (ended.Run.State, ended.Run.Succeeded));
        var gate = await production.GateAsync(runId);
        Assert.Equal((BackfillGateStatus.Used, runId.ToString()), (gate.Status, gate.UsedFor));
        Assert.Contains(gate.Criteria, c => c is { Name: "StagingSoak", Passed: true });
        // Its artifacts are written again, and nothing else.
        await production.GoOnAsync(runId);
        Assert.Equal(["Approved", "Used"], await production.LinesAsync("select action from backfill.gate order by sequence"));
    }

    [Fact]
    public async Task A_run_that_was_stopped_goes_on_without_a_new_use()
    {
        var runId = (await production.FreezeAsync([.. production.Mixed(6)])).Run.RunId;
        await production.ApproveAsync(runId, BackfillGateName.ProdApply);
        using var stop = new CancellationTokenSource();
        var sink = new StoppingSink(stop);
        await new ApplyPhase(production.Connection, TimeProvider.System).RunAsync(
            new() { RunId = runId, OutputPath = ApplyWorld.NewFolder(), ThrottlePerMinute = 600, ConcurrencyLimit = 1 }, sink, stop.Token);
        Assert.Equal(["Paused"], await production.LinesAsync("select state from backfill.run"));
        // The rest in a moment.
        await production.ExecuteAsync("update backfill.run set throttle_per_minute = 60000");

        Assert.Equal(BackfillRunState.Completed, (await production.GoOnAsync(runId)).Run.State);
        Assert.Equal(["Approved", "Used"], await production.LinesAsync("select action from backfill.gate order by sequence"));
    }

    [Fact]
    public async Task No_order_slips_a_run_past_its_gate_and_a_refusal_changes_nothing()
    {
        var runId = (await production.FreezeAsync(production.New[0])).Run.RunId;
        var ledger = production.Connection.Target.Ledger;
        foreach (var action in (RunAction[])[RunAction.Suspend, RunAction.Resume, RunAction.Suspend])
        {
            await ledger.ControlAsync(new(runId, action, "a test", "operator@console"), TestContext.Current.CancellationToken);
            Assert.Equal("GatePending", await production.RefusalAsync(runId));
        }

        var before = await production.LinesAsync("select r::text from backfill.run r");
        var refusal = await Assert.ThrowsAsync<BackfillException>(() => production.ApplyAsync(
            new ApplyRequest { RunId = runId, OutputPath = ApplyWorld.NewFolder(), ThrottlePerMinute = 3, ConcurrencyLimit = 2 }));
        Assert.Equal("GatePending", refusal.Code);
        Assert.Equal(before, await production.LinesAsync("select r::text from backfill.run r"));
        Assert.Equal(0, await production.ScalarAsync<long>("select count(*) from backfill.worker"));
        await MustHaveCalledNothingAsync();

        await production.Desk.DecideAsync(
            new() { Seen = await production.GateAsync(runId), Approve = false, Reason = "not today" }, TestContext.Current.CancellationToken);
        Assert.Equal("GateDenied", await production.RefusalAsync(runId));
        await MustHaveCalledNothingAsync();
    }

    [Fact]
    public async Task An_expired_approval_starts_nothing()
    {
        var runId = (await production.FreezeAsync(production.New[0])).Run.RunId;
        var decision = await production.DecisionAsync(runId, null, null) with { Override = true, ExpiresIn = TimeSpan.FromMilliseconds(1) };
        await production.Desk.DecideAsync(decision, TestContext.Current.CancellationToken);
        await Patiently.AskAsync(() => production.GateAsync(runId), g => g.Status == BackfillGateStatus.Expired);
        Assert.Equal("GateExpired", await production.RefusalAsync(runId));
        await MustHaveCalledNothingAsync();
    }

    [Fact]
    public async Task Production_approved_without_staging_takes_an_override_and_says_so()
    {
        var runId = (await production.FreezeAsync(production.New[0])).Run.RunId;
        var decision = await production.DecisionAsync(runId, null, null);
        Assert.Equal("GateCriteriaFailed", await RefusalAsync(decision));
        var gate = await production.Desk.DecideAsync(decision with { Override = true }, TestContext.Current.CancellationToken);
        Assert.Equal((BackfillGateStatus.Approved, true, false), (gate.Status, gate.Overridden, gate.Passed));
        var ended = await production.GoOnAsync(runId);
        var summary = await File.ReadAllTextAsync(Path.Combine(ended.OutputPath, "backfill_summary.md"), TestContext.Current.CancellationToken);
        Assert.Contains("**with -Override**", summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Evidence_comes_from_the_staging_ledger_itself()
    {
        var runId = (await production.FreezeAsync(production.New[0])).Run.RunId;
        var other = (await production.FreezeAsync(production.New[1])).Run.RunId;
        Assert.Equal("EvidenceIncomplete", await RefusalAsync(await production.DecisionAsync(runId, staging.Connection, null)));
        Assert.Equal("EvidenceIncomplete", await RefusalAsync(await production.DecisionAsync(runId, null, _evidence)));
        // Production is no evidence for production, nor is the very ledger under another label.
        Assert.Equal("EvidenceNotStaging", await RefusalAsync(await production.DecisionAsync(runId, production.Connection, other)));
        var posing = OpenTarget.Connect(
            production.Connection.Identity with { Environment = BackfillEnvironment.Staging }, production.Connection.Target);
        Assert.Equal("EvidenceNotStaging", await RefusalAsync(await production.DecisionAsync(runId, posing, other)));
        // A run of another environment, or of a ledger that this one is not.
        Assert.Equal("RunNotFound", await RefusalAsync(await production.DecisionAsync(runId, staging.Connection, runId)));
        Assert.Equal("RunNotFound", await RefusalAsync(await production.DecisionAsync(runId, staging.Connection, Guid.NewGuid())));
        // Staging is judged by its own ledger.
        var review = await staging.GateAsync(_evidence, BackfillGateName.ApplyReview);
        var unwanted = await Assert.ThrowsAsync<BackfillException>(() => staging.Desk.DecideAsync(
            new() { Seen = review, Approve = true, ReplacesDecision = true, Reason = "a test", EvidenceConnection = staging.Connection, EvidenceRunId = _evidence },
            TestContext.Current.CancellationToken));
        Assert.Equal("EvidenceNotWanted", unwanted.Code);
        Assert.Equal(0, await production.ScalarAsync<long>("select count(*) from backfill.gate"));
        Assert.Equal("GatePending", await production.RefusalAsync(runId));
        await MustHaveCalledNothingAsync();
    }

    [Fact]
    public async Task A_rehearsal_is_no_evidence_for_what_is_no_sandbox()
    {
        var runId = (await production.FreezeAsync(production.New[0])).Run.RunId;
        var decision = await production.DecisionAsync(runId, staging.Connection, _evidence);
        var real = new GateService(OpenTarget.Connect(production.Connection.Identity with { IsSandbox = false }, production.Connection.Target));
        foreach (var decide in (Func<GateDecision, CancellationToken, Task<BackfillGate>>[])[real.PreviewAsync, real.DecideAsync])
        {
            foreach (var given in (GateDecision[])[decision, decision with { Override = true }])
            {
                var refusal = await Assert.ThrowsAsync<BackfillException>(() => decide(given, TestContext.Current.CancellationToken));
                Assert.Equal(("EvidenceNotStaging", true), (refusal.Code, refusal.Message.Contains("a sandbox", StringComparison.Ordinal)));
            }
        }

        Assert.Equal(0, await production.ScalarAsync<long>("select count(*) from backfill.gate"));
        // Among sandboxes it is what rehearsals are for.
        Assert.True((await production.Desk.PreviewAsync(decision, TestContext.Current.CancellationToken)).Passed);
        var stagingThatIsReal = OpenTarget.Connect(staging.Connection.Identity with { IsSandbox = false }, staging.Connection.Target);
        Assert.True((await real.PreviewAsync(decision with { EvidenceConnection = stagingThatIsReal }, TestContext.Current.CancellationToken)).Passed);
    }

    public static TheoryData<string, string> Spoiled => new()
    {
        { "update backfill.item set reason = 'looks fine' where run_id = $1", "StagingRun StagingSoak" },
        { "update backfill.soak_sample set verdict = 'Fail' where number = 1", "StagingSoak" },
        { "update backfill.soak set ended_at = ended_at - interval '8 days' where run_id = $1", "StagingSoak EvidenceAge" },
        { "update backfill.run set module_version = '9.9.9' where run_id = $1", "StagingRun StagingSoak ModuleVersion" },
        { "delete from backfill.gate where run_id = $1 and sequence = 3", "StagingRun StagingSoak" },
        { "update backfill.gate set reason = 'x' where run_id = $1 and sequence = 1", "StagingRun StagingSoak" },
        { "update backfill.plan set document = replace(document, 'v1.2.1', 'v1.3.0')", "StagingRun StagingSoak Versions" },
    };

    [Theory]
    [MemberData(nameof(Spoiled))]
    public async Task Staging_that_was_tampered_with_is_no_evidence(string sql, string failing)
    {
        var runId = (await production.FreezeAsync(production.New[0])).Run.RunId;
        await staging.ExecuteAsync(sql, [.. sql.Contains("$1", StringComparison.Ordinal) ? (object[])[_evidence] : []]);
        var decision = await production.DecisionAsync(runId, staging.Connection, _evidence);
        var shown = await production.Desk.PreviewAsync(decision with { Override = true }, TestContext.Current.CancellationToken);
        Assert.Equal(failing, string.Join(' ', shown.Criteria.Where(c => c.Passed == false).Select(c => c.Name)));
        Assert.Equal("GateCriteriaFailed", await RefusalAsync(decision));
    }

    [Fact]
    public async Task Sessions_that_lack_nothing_or_are_not_there_are_not_met()
    {
        var runId = (await production.FreezeAsync(production.New[0], Guid.NewGuid())).Run.RunId;
        var health = (await production.GateAsync(runId)).Criteria.Single(c => c.Name == "Health");
        Assert.False(health.Passed);
        Assert.Contains("1 are not there", health.Actual, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_edited_decision_health_or_list_starts_nothing()
    {
        foreach (var (sql, code) in new[]
        {
            ("update backfill.run_health set needing_backfill = 0", "GateInvalidated"),
            ("delete from backfill.run_health", "GateInvalidated"),
            ("update backfill.item set batch_id = 'x'", "GateInvalidated"),
            ("update backfill.plan set document = document || ' '", "GateInvalidated"),
            ("update backfill.gate set expires_at = expires_at + interval '1 day'", "GateChainBroken"),
            ("delete from backfill.gate", "GateChainBroken"),
        })
        {
            await production.FreshAsync();
            var runId = (await production.FreezeAsync(production.New[0])).Run.RunId;
            await production.ApproveAsync(runId, BackfillGateName.ProdApply);
            await production.ExecuteAsync(sql);
            Assert.Equal((sql, code), (sql, await production.RefusalAsync(runId)));
        }

        await MustHaveCalledNothingAsync();
    }

    [Fact]
    public async Task A_staging_plan_is_refused_by_production()
    {
        var refusal = await Assert.ThrowsAsync<BackfillException>(() => production.ApplyAsync(ApplyWorld.PlanOf(production.New[0])));
        Assert.Equal("EnvironmentMismatch", refusal.Code);
        await MustHaveCalledNothingAsync();
    }

    private async Task<string> RefusalAsync(GateDecision decision) => (await Assert.ThrowsAsync<BackfillException>(
        () => production.Desk.DecideAsync(decision, TestContext.Current.CancellationToken))).Code;

    private async Task MustHaveCalledNothingAsync() => Assert.Empty(await production.CallsAsync());

    /// <summary>Stops with the first session.</summary>
    private sealed class StoppingSink(CancellationTokenSource stop) : IApplySink
    {
        public void Settled(BackfillSessionResult result) => stop.Cancel();

        public void Warn(string message)
        {
        }

        public void Progressed(ApplyProgress progress)
        {
        }

        public void Explain(string message)
        {
        }

        public void Milestone(string message, string tag)
        {
        }
    }
}
