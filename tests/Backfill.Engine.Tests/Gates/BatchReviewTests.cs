using Backfill.Engine.Tests.Apply;
using Backfill.Engine.Tests.Sandbox;

namespace Backfill.Engine.Tests.Gates;

/// <summary>Runs that wait for a person between their sessions.</summary>
[Collection(GateTests.Name)]
public sealed class BatchReviewTests(GateWorld world) : IAsyncLifetime
{
    private const BackfillGateName Review = BackfillGateName.BatchReview;

    public async ValueTask InitializeAsync() => await world.FreshAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Two_workers_call_exactly_the_sessions_before_a_review_and_after_its_approval_the_others_once()
    {
        var plan = ApplyWorld.PlanOf([.. world.Mixed(30)]);
        var run = await world.FrozenAsync(
            plan, RunWorld.Quick with { ThrottlePerMinute = 6000, ConcurrencyLimit = 4 }, reviews: [new(11, "11 sessions")]);

        var ends = await Task.WhenAll(run.ApplyAsync(), run.ApplyAsync());
        Assert.Equal(run.Sessions.Take(11).Order(), ends.SelectMany(e => e.Sink.Results).Select(r => r.SessionId).Order());
        Assert.Equal(run.Sessions.Take(11).Order(), (await run.CallsAsync()).Select(c => c.SessionId).Distinct().Order());
        Assert.Equal(11, await world.ScalarAsync<long>("select count(*) from backfill.item where run_id = $1 and claims > 0", run.Id));
        var waiting = await run.ReadAsync();
        Assert.Equal(
            (BackfillRunState.Paused, BackfillRunCause.BatchReview, "it waits for a review after 11 sessions", "11 sessions", 19),
            (waiting.State, waiting.Cause, waiting.Reason, waiting.ReviewAfter, waiting.Remaining));
        Assert.EndsWith("|it waits for a review after 11 sessions", (await run.EventsAsync())[^1], StringComparison.Ordinal);
        var raised = ends.First(e => e.Run.Cause == BackfillRunCause.BatchReview).End;
        Assert.Equal((Review, BackfillGateStatus.Pending, true), (raised.Gate!.Name, raised.Gate.Status, raised.Gate.Passed));
        Assert.Contains($"Confirm-BackfillGate BatchReview -RunId {run.Id}", raised.NextStep, StringComparison.Ordinal);
        Assert.Contains($"Invoke-BackfillApply -RunId {run.Id}", raised.NextStep, StringComparison.Ordinal);
        Assert.All(raised.Artifacts, f => Assert.True(File.Exists(f)));

        Assert.Equal("GatePending", await RefusalAsync(run));
        await world.ApproveByNameAsync(run.Id, Review);
        await Task.WhenAll(run.ApplyAsync(), run.ApplyAsync());
        await run.MustHaveSucceededAsync();
        Assert.Equal(60, (await run.CallsAsync()).Count);
        Assert.Equal(
            ["Approved", "Used the sessions after number 11"],
            await world.LinesAsync("select concat_ws(' ', action, used_for) from backfill.gate where run_id = $1 order by sequence", run.Id));
    }

    [Fact]
    public async Task A_denial_an_expired_approval_and_changed_evidence_open_nothing()
    {
        var run = await world.FrozenAsync(ApplyWorld.PlanOf([.. world.New.Take(4)]), RunWorld.Quick, reviews: [new(2, "2 sessions")]);
        await run.ApplyAsync();
        var denied = await world.DecideAsync(run.Id, Review, approve: false);
        Assert.Equal((BackfillGateStatus.Denied, "GateDenied"), (denied.Status, await RefusalAsync(run)));

        await world.DecideAsync(run.Id, Review, approve: true, TimeSpan.FromTicks(10));
        Assert.Equal("GateExpired", await RefusalAsync(run));

        await world.ApproveByNameAsync(run.Id, Review);
        await world.ExecuteAsync("update backfill.item set reason = 'edited' where run_id = $1 and ordinal = 2", run.Id);
        Assert.Equal("GateInvalidated", await RefusalAsync(run));
        await world.ExecuteAsync("update backfill.item set reason = null where run_id = $1 and ordinal = 2", run.Id);
        // What comes after the review is no evidence of it.
        await world.ExecuteAsync("update backfill.item set not_before = clock_timestamp() where run_id = $1 and ordinal = 3", run.Id);
        Assert.Equal(BackfillGateStatus.Approved, (await world.GateAsync(run.Id, Review)).Status);
        Assert.Equal(4, (await run.CallsAsync()).Count);
        Assert.Equal(BackfillRunState.Completed, (await run.ApplyAsync()).Run.State);
        Assert.Equal(8, (await run.CallsAsync()).Count);
    }

    [Fact]
    public async Task More_failures_than_the_plan_allows_up_to_the_review_take_an_override()
    {
        await world.SetAsync(new SandboxFault(SandboxFaultKind.Status) { StatusCode = 400, SessionIds = [world.New[0]] });
        var run = await world.FrozenAsync(ApplyWorld.PlanOf([.. world.New.Take(3)]), RunWorld.Quick, reviews: [new(2, "2 sessions")]);
        await run.ApplyAsync();
        var gate = await world.GateAsync(run.Id, Review);
        Assert.Equal(["Failed"], gate.Criteria.Where(c => c.Passed == false).Select(c => c.Name));
        Assert.Equal("GateCriteriaFailed", (await Assert.ThrowsAsync<BackfillException>(() => world.ApproveByNameAsync(run.Id, Review))).Code);
        Assert.True((await world.ApproveAsync(run.Id, Review)).Overridden);
        Assert.Equal((BackfillRunState.Completed, 1), ((await run.ApplyAsync()).Run.State, (await run.ReadAsync()).Failed));
    }

    [Fact]
    public async Task Each_of_two_reviews_takes_an_approval_of_its_own()
    {
        var plan = PlanWithReview([.. world.New.Take(2)], [.. world.New.Skip(2).Take(2)]);
        var first = await world.ApplyAsync(
            new ApplyRequest { Plan = plan, ReviewAfter = "1", OutputPath = ApplyWorld.NewFolder(), ThrottlePerMinute = ApplyWorld.QuickPace });
        var runId = first.Run.RunId;
        Assert.Equal(("1 session", 3), (first.Run.ReviewAfter, first.Run.Remaining));
        var seen = await world.ApproveByNameAsync(runId, Review);
        Assert.Equal("1 of 1 sessions, after 1 session", seen.Criteria.Single(c => c.Name == "Settled").Expected);

        var second = await GoOnAsync(runId);
        Assert.Equal(("batch first", 2, BackfillRunCause.BatchReview), (second.Run.ReviewAfter, second.Run.Remaining, second.Run.Cause));
        var gate = await world.GateAsync(runId, Review);
        Assert.Equal((BackfillGateStatus.Pending, null, null), (gate.Status, gate.DecidedBy, gate.UsedFor));
        Assert.NotEqual(seen.EvidenceHash, gate.EvidenceHash);
        Assert.Equal("GatePending", (await Assert.ThrowsAsync<BackfillException>(() => GoOnAsync(runId))).Code);
        // The gate that was seen before is another review's.
        var late = new GateDecision { Seen = seen, Approve = true, ReplacesDecision = true, Reason = "a test" };
        await Assert.ThrowsAsync<BackfillException>(() => world.Desk.DecideAsync(late, CancellationToken.None));

        await world.ApproveByNameAsync(runId, Review);
        var last = await GoOnAsync(runId);
        Assert.Equal((BackfillRunState.Completed, null, 4), (last.Run.State, last.Run.ReviewAfter, last.Run.Succeeded));
        var gates = await world.Desk.ReadAsync(runId, CancellationToken.None);
        Assert.Equal(
            [(BackfillGateName.ApplyReview, BackfillGateStatus.Pending), (Review, BackfillGateStatus.Used)], gates.Select(g => (g.Name, g.Status)));
        Assert.All(gates, g => Assert.Equal((null, 4, true), (g.ChainBreak, g.ChainCount, g.Passed)));
        Assert.Equal("the sessions after number 2", gates[1].UsedFor);
    }

    [Fact]
    public async Task A_waiting_run_is_suspended_resumed_and_rolled_back_as_any_paused_one()
    {
        var run = await world.FrozenAsync(ApplyWorld.PlanOf([.. world.New.Take(4)]), RunWorld.Quick, reviews: [new(2, "2 sessions")]);
        await run.ApplyAsync();
        await run.OrderAsync(RunAction.Suspend);
        Assert.Equal((BackfillRunState.Suspended, BackfillRunCause.Ordered), await StandingAsync(run));
        Assert.Equal("RunSuspended", await RefusalAsync(run));
        await run.OrderAsync(RunAction.Resume);
        Assert.Equal((BackfillRunState.Paused, BackfillRunCause.BatchReview), await StandingAsync(run));
        Assert.Equal("GatePending", await RefusalAsync(run));

        await world.UndoAsync(run.Id);
        var undone = await run.ReadAsync();
        Assert.Equal((BackfillRunState.RolledBack, null), (undone.State, undone.ReviewAfter));
        Assert.Equal([BackfillGateName.ApplyReview], (await world.Desk.ReadAsync(run.Id, CancellationToken.None)).Select(g => g.Name));
        var refusal = await Assert.ThrowsAsync<BackfillException>(() => world.ApproveByNameAsync(run.Id, Review));
        Assert.Equal("GateNotRaised", refusal.Code);
    }

    [Fact]
    public async Task A_run_that_was_stopped_while_it_waited_keeps_its_denial_and_its_sessions_are_free()
    {
        var run = await world.FrozenAsync(ApplyWorld.PlanOf([.. world.New.Take(4)]), RunWorld.Quick, reviews: [new(2, "2 sessions")]);
        await run.ApplyAsync();
        await world.DecideAsync(run.Id, Review, approve: false);
        await run.OrderAsync(RunAction.Stop);
        var stopped = await run.ReadAsync();
        Assert.Equal((BackfillRunState.Aborted, 2, 2), (stopped.State, stopped.Succeeded, stopped.NeverCalled));
        Assert.Equal(BackfillGateStatus.Denied, (await world.GateAsync(run.Id, Review)).Status);
        Assert.Equal("RunNotResumable", await RefusalAsync(run));

        // The same plan again has nothing to review in what is done: the next review is of what is left.
        var again = await world.ApplyAsync(
            new ApplyRequest { Plan = run.Ticket.Plan, ReviewAfter = "1", OutputPath = ApplyWorld.NewFolder(), ThrottlePerMinute = ApplyWorld.QuickPace });
        Assert.Equal((1, 2, BackfillRunCause.BatchReview), (again.Run.Succeeded, again.Run.Skipped, again.Run.Cause));
    }

    /// <summary>Two batches, with a review after the first.</summary>
    private static BackfillPlan PlanWithReview(Guid[] first, Guid[] second) => ApplyWorld.ReadPlan(
        ApplyWorld.PlanOf([.. first]).GetDocument()
            .Replace("\"batches\": [{\"batch_id\": \"test\"", "\"batches\": [{\"batch_id\": \"first\", \"review\": true", StringComparison.Ordinal)
            .Replace("]}]", $"]}}, {{\"batch_id\": \"second\", \"sessions\": {System.Text.Json.JsonSerializer.Serialize(second)}, {Operations}}}]", StringComparison.Ordinal));

    private const string Operations = """
        "operations": [
          {"function": "score_fc_session", "params": {"version": "v1.2", "basis": "functions"}},
          {"function": "score_prism", "params": {"engine_version": "v1.2.1"}}]
        """;

    private Task<ApplyOutcome> GoOnAsync(Guid runId) =>
        world.ApplyAsync(new ApplyRequest { RunId = runId, OutputPath = ApplyWorld.NewFolder() });

    private static async Task<string> RefusalAsync(TestRun run) => (await Assert.ThrowsAsync<BackfillException>(() => run.ApplyAsync())).Code;

    private static async Task<(BackfillRunState State, BackfillRunCause? Cause)> StandingAsync(TestRun run)
    {
        var now = await run.ReadAsync();
        return (now.State, now.Cause);
    }
}
