using System.Diagnostics.Metrics;
using Backfill.Engine.Apply.Steer;
using Backfill.Engine.Connections;
using Backfill.Engine.Gates;
using Backfill.Engine.Signals;
using Backfill.Engine.Tests.Apply;
using Backfill.Engine.Tests.Sandbox;
using Backfill.Engine.Tests.Signals;

namespace Backfill.Engine.Tests.Gates;

/// <summary>From a run through its gates.</summary>
[Collection(GateTests.Name)]
public sealed class GateFlowTests(GateWorld world) : IAsyncLifetime
{
    private const BackfillGateName Review = BackfillGateName.ApplyReview;
    private const BackfillGateName GoNoGo = BackfillGateName.SoakGoNoGo;

    public async ValueTask InitializeAsync() => await world.FreshAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_decision_ends_the_waiting_for_whoever_exports_from_the_process_that_takes_it()
    {
        var runId = (await world.ApplyAsync(ApplyWorld.PlanOf(world.New[0]))).Run.RunId;
        var (seen, mine) = (new List<double>(), new AsyncLocal<bool> { Value = true });
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == PhaseSignals.Name && instrument.Name == "backfill.gate.pending_since.timestamp")
                    self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((_, value, tags, _) =>
        {
            if (mine.Value && tags.ToArray().Any(t => t.Key == SignalTags.Gate && $"{t.Value}" == $"{Review}"))
                seen.Add(value);
        });
        listener.Start();
        await world.DecideAsync(runId, Review, approve: false);
        Assert.Equal([0.0], seen);
    }

    [Fact]
    public async Task A_completed_run_that_is_applied_again_writes_its_gates_as_they_stand_by_now()
    {
        var applied = await world.ApplyAsync(ApplyWorld.PlanOf(world.New[0]));
        Assert.True(PendingSince() > 1e9);
        await world.DecideAsync(applied.Run.RunId, Review, approve: false);
        await world.ApplyAsync(new ApplyRequest { RunId = applied.Run.RunId, OutputPath = applied.OutputPath });
        Assert.Equal(0, PendingSince());

        double PendingSince() => new MetricText(File.ReadAllText(Path.Combine(applied.OutputPath, "backfill_logs", "metrics.prom"))).Of(
            "backfill_gate_pending_since_timestamp_seconds", ("backfill_gate_name", $"{Review}"));
    }

    [Fact]
    public async Task Apply_review_soak_and_go_without_any_override()
    {
        var applied = await world.ApplyAsync(ApplyWorld.PlanOf(world.New[0], world.WithProfile[0]));
        var runId = applied.Run.RunId;
        Assert.Equal((Review, BackfillGateStatus.Pending, true), (applied.End.Gate!.Name, applied.End.Gate.Status, applied.End.Gate.Passed));
        Assert.Equal("GatePending", await world.SoakRefusalAsync(runId));
        Assert.Equal(0, await world.ScalarAsync<long>("select count(*) from backfill.soak"));

        var approved = await world.ApproveByNameAsync(runId, Review);
        Assert.Equal((BackfillGateStatus.Approved, false), (approved.Status, approved.Overridden));
        Assert.StartsWith(RunSteering.ThisOperator + " as ", approved.DecidedBy, StringComparison.Ordinal);

        await world.PlantAsync(60, DateTimeOffset.UtcNow.AddMilliseconds(500), TimeSpan.FromMilliseconds(5), scored: true, answered: true);
        var request = GateWorld.SoakOf(runId) with { Duration = TimeSpan.FromSeconds(4), Interval = TimeSpan.FromSeconds(2), GracePeriod = TimeSpan.FromSeconds(2.5) };
        var (end, _) = await world.SoakAsync(request);
        Assert.True(end.Verdict == SoakVerdict.Pass, string.Join('\n', end.Samples[^1].Checks));
        Assert.Equal((GoNoGo, BackfillGateStatus.Pending, true), (end.Gate!.Name, end.Gate.Status, end.Gate.Passed));
        Assert.Equal((BackfillGateStatus.Used, end.Soak.SoakId.ToString()), await StandingAsync(runId));

        await world.ApproveByNameAsync(runId, GoNoGo);
        var gates = await world.Desk.ReadAsync(runId, TestContext.Current.CancellationToken);
        Assert.Equal([BackfillGateStatus.Used, BackfillGateStatus.Approved], gates.Select(g => g.Status));
        Assert.All(gates, g => Assert.Equal((null, 3), (g.ChainBreak, g.ChainCount)));
        Assert.All(gates, g => Assert.Same(world.Connection, g.Connection));
        // Another connection sees the same, to the letter.
        await using var other = (await world.ConnectAsync(requireLedger: true)).Target;
        var there = await new GateService(OpenTarget.Connect(world.Connection.Identity, other)).ReadAsync(runId, TestContext.Current.CancellationToken);
        Assert.Equal(gates.Select(g => g.EvidenceHash), there.Select(g => g.EvidenceHash));
        Assert.Equal(gates.SelectMany(g => g.Criteria), there.SelectMany(g => g.Criteria));
    }

    [Fact]
    public async Task A_decision_is_written_once_and_its_head_and_count_stand_in_the_run_and_in_the_artifacts()
    {
        var runId = await world.AppliedAsync();
        var denied = await world.DecideAsync(runId, Review, approve: false);
        var approved = await world.DecideAsync(runId, Review, approve: true);
        Assert.Equal((1, 2), (denied.ChainCount, approved.ChainCount));
        Assert.Equal(
            [$"2 {approved.ChainHead}"], await world.LinesAsync("select gate_count || ' ' || gate_head from backfill.run where run_id = $1", runId));
        Assert.Equal(
            ["Denied", "Approved"], await world.LinesAsync("select action from backfill.gate where run_id = $1 order by sequence", runId));

        var (end, _) = await world.SoakAsync(GateWorld.SoakOf(runId));
        var report = await File.ReadAllTextAsync(end.Artifacts[0], TestContext.Current.CancellationToken);
        Assert.Contains($"{end.Gate!.ChainCount}, the newest with SHA-256 `{end.Gate.ChainHead}`", report, StringComparison.Ordinal);
        var again = await world.ApplyAsync(new ApplyRequest { RunId = runId, OutputPath = ApplyWorld.NewFolder() });
        var results = await File.ReadAllTextAsync(Path.Combine(again.OutputPath, "backfill_logs", "execution_results.json"), TestContext.Current.CancellationToken);
        Assert.Contains($"\"chain_head\": \"{end.Gate.ChainHead}\"", results, StringComparison.Ordinal);
        Assert.Contains("\"chain_count\": 3", results, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_soak_that_was_stopped_goes_on_without_a_new_use_and_an_ended_one_opens_no_other()
    {
        var runId = await world.RunAsync();
        using var stop = new CancellationTokenSource();
        var request = GateWorld.SoakOf(runId) with { Duration = TimeSpan.FromSeconds(2), Interval = TimeSpan.FromMilliseconds(500) };
        var (stopped, _) = await world.SoakAsync(request, sink: new() { OnTaken = _ => stop.Cancel() }, stop: stop.Token);
        var (ended, _) = await world.SoakAsync(request);
        Assert.Equal((true, stopped.Soak.SoakId), (stopped.CanGoOn, ended.Soak.SoakId));
        Assert.Equal(["Approved", "Used"], await world.LinesAsync("select action from backfill.gate order by sequence"));

        Assert.Equal("GateUsed", await world.SoakRefusalAsync(runId));
        Assert.Equal(1, await world.ScalarAsync<long>("select count(*) from backfill.soak"));
    }

    [Fact]
    public async Task An_approval_that_was_used_for_a_soak_that_never_began_is_not_used_up()
    {
        var runId = await world.RunAsync();
        var died = await world.Desk.UseAsync(runId, Review, ApprovalUse.Name(Guid.CreateVersion7()), TestContext.Current.CancellationToken);
        var (end, _) = await world.SoakAsync(GateWorld.SoakOf(runId));
        Assert.Equal(died.UsedFor, end.Soak.SoakId.ToString());
        Assert.Equal(2, await world.DecisionsAsync());
        Assert.Equal("GateUsed", await world.SoakRefusalAsync(runId));
    }

    [Fact]
    public async Task An_expired_approval_starts_nothing_and_is_approved_anew_by_name()
    {
        var runId = await world.AppliedAsync();
        await world.DecideAsync(runId, Review, approve: true, TimeSpan.FromMilliseconds(1));
        var gate = await Patiently.AskAsync(() => world.GateAsync(runId, Review), g => g.Status == BackfillGateStatus.Expired);
        Assert.Equal(BackfillGateStatus.Expired, gate.Status);
        Assert.Equal("GateExpired", await world.SoakRefusalAsync(runId));
        Assert.Equal(1, await world.DecisionsAsync());
        Assert.Equal(BackfillGateStatus.Approved, (await world.ApproveByNameAsync(runId, Review)).Status);
    }

    [Fact]
    public async Task A_run_that_goes_on_or_is_undone_is_not_what_was_approved()
    {
        var runId = await world.SoakedAsync();
        await world.ApproveAsync(runId, GoNoGo);
        await world.UndoAsync(runId);

        var gates = await world.Desk.ReadAsync(runId, TestContext.Current.CancellationToken);
        Assert.Equal([BackfillGateStatus.Invalidated, BackfillGateStatus.Invalidated], gates.Select(g => g.Status));
        Assert.False(gates[0].Criteria.Single(c => c.Name == "RolledBack").Passed);
        Assert.Equal("GateInvalidated", await world.SoakRefusalAsync(runId));
        var refusal = await Assert.ThrowsAsync<BackfillException>(() => UseGoNoGoAsync(runId));
        Assert.Equal("GateInvalidated", refusal.Code);
    }

    [Fact]
    public async Task A_look_back_for_a_run_needs_its_review_and_uses_nothing()
    {
        var runId = await world.AppliedAsync();
        var back = new SoakRequest { RunId = runId, Since = world.Since, OutputPath = ApplyWorld.NewFolder() };
        var refusal = await Assert.ThrowsAsync<BackfillException>(() => world.SoakAsync(back));
        Assert.Equal("GatePending", refusal.Code);
        Assert.Contains("Confirm-BackfillGate ApplyReview -RunId " + runId, refusal.Message, StringComparison.Ordinal);
        await world.ApproveAsync(runId, Review);
        await world.SoakAsync(back);
        Assert.Equal(BackfillGateStatus.Approved, (await world.GateAsync(runId, Review)).Status);
    }

    [Fact]
    public async Task A_run_with_a_failure_is_approved_only_with_an_override_unless_its_plan_allows_it()
    {
        await world.SetAsync(new SandboxFault(SandboxFaultKind.Status) { StatusCode = 400, SessionIds = [world.New[0]] });
        var plan = ApplyWorld.PlanOf(world.New[0], world.New[1]);
        var allowing = ApplyWorld.ReadPlan(plan.GetDocument().Replace("\"batches\"", "\"approvals\": {\"max_failed\": 1}, \"batches\"", StringComparison.Ordinal));
        var strict = (await world.ApplyAsync(plan)).Run.RunId;
        var gate = await world.GateAsync(strict, Review);
        Assert.Equal(["Failed"], gate.Criteria.Where(c => c.Passed == false).Select(c => c.Name));
        Assert.Equal("GateCriteriaFailed", (await Assert.ThrowsAsync<BackfillException>(() => world.ApproveByNameAsync(strict, Review))).Code);
        Assert.Equal(0, await world.DecisionsAsync());
        Assert.True((await world.ApproveAsync(strict, Review)).Overridden);
        await world.UndoAsync(strict);

        var allowed = (await world.ApplyAsync(allowing)).Run.RunId;
        Assert.False((await world.ApproveByNameAsync(allowed, Review)).Overridden);
    }

    [Fact]
    public async Task Two_soaks_that_begin_at_the_same_moment_are_one()
    {
        for (var round = 0; round < 3; round++)
        {
            await world.FreshAsync();
            var runId = await world.RunAsync();
            var ends = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => world.SoakAsync(GateWorld.SoakOf(runId)))));
            Assert.Single(ends.Select(e => e.End.Soak.SoakId).Distinct());
            Assert.Equal(1, await world.ScalarAsync<long>("select count(*) from backfill.gate where action = 'Used'"));
        }
    }

    private async Task<(BackfillGateStatus Status, string? UsedFor)> StandingAsync(Guid runId)
    {
        var gate = await world.GateAsync(runId, Review);
        return (gate.Status, gate.UsedFor);
    }

    private Task<BackfillGate> UseGoNoGoAsync(Guid runId) => world.Desk.UseAsync(runId, GoNoGo, ApprovalUse.ProdHealth, CancellationToken.None);
}
