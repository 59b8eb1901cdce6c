using Backfill.Engine.Gates;
using Backfill.Engine.Tests.Apply;

namespace Backfill.Engine.Tests.Gates;

/// <summary>Accidents and casual edits in the ledger: each is seen, and nothing is started on it.</summary>
[Collection(GateTests.Name)]
public sealed class GateTamperTests(GateWorld world)
{
    private const BackfillGateName Review = BackfillGateName.ApplyReview;
    private const BackfillGateName GoNoGo = BackfillGateName.SoakGoNoGo;

    /// <summary>The run is <c>$1</c>.</summary>
    public static TheoryData<string, string> EvidenceOfApply => new()
    {
        { "an outcome", "update backfill.item set outcome = 'Skipped', reason = 'x' where run_id = $1" },
        { "a reason", "update backfill.item set reason = 'looks fine' where run_id = $1" },
        { "a time", "update backfill.item set settled_at = settled_at - interval '1 microsecond' where run_id = $1" },
        { "row counts", "update backfill.item set rows_inserted = rows_inserted + 1 where run_id = $1" },
        { "a batch", "update backfill.item set batch_id = 'x' where run_id = $1" },
        { "a deleted session", "delete from backfill.item where run_id = $1 and ordinal = 1" },
        { "an added session", "insert into backfill.item select (jsonb_populate_record(i, jsonb_build_object('ordinal', 9, 'session_id', gen_random_uuid()))).* from backfill.item i where i.run_id = $1" },
        { "an image's record", "update backfill.image set before_record = 'x', before_version = after_version where run_id = $1 and (table_name, key) = (select table_name, key from backfill.image where run_id = $1 limit 1)" },
        { "an image's hash", "update backfill.image set after_sha256 = sha256('x') where run_id = $1" },
        { "a deleted image", "delete from backfill.image where run_id = $1 and (table_name, key) = (select table_name, key from backfill.image where run_id = $1 limit 1)" },
        { "all images deleted", "delete from backfill.image where run_id = $1" },
        { "a breaker", "insert into backfill.run_event (run_id, event, state, intent, throttle_per_minute, concurrency_limit, by_whom) values ($1, 'BreakerOpened', 'Running', 'Run', 1, 1, 'x')" },
        { "the run's state", "update backfill.run set state = 'Halted' where run_id = $1" },
        { "the module's version", "update backfill.run set module_version = '9.9.9' where run_id = $1" },
    };

    [Theory]
    [MemberData(nameof(EvidenceOfApply))]
    public async Task An_edited_run_is_not_what_was_approved(string what, string sql)
    {
        var runId = await world.AsMadeAsync("approved", world.RunAsync);
        var seen = await world.GateAsync(runId, Review);
        await world.ExecuteAsync(sql, runId);

        Assert.Equal((BackfillGateStatus.Invalidated, null, what), ((await world.GateAsync(runId, Review)).Status, (await world.GateAsync(runId, Review)).ChainBreak, what));
        Assert.Equal("GateInvalidated", await world.SoakRefusalAsync(runId));
        Assert.Equal("GateEvidenceChanged", await RefusalAsync(seen));
        Assert.Equal((1L, 0L), (await world.DecisionsAsync(), await world.ScalarAsync<long>("select count(*) from backfill.soak")));
    }

    /// <summary>The run is <c>$1</c>.</summary>
    public static TheoryData<string> EvidenceOfSoak =>
    [
        "update backfill.soak_sample m set facts = facts || '{\"completed_sessions\": 1}' from backfill.soak s where s.soak_id = m.soak_id and s.run_id = $1 and number = 1",
        "update backfill.soak_sample m set checks = '[]' from backfill.soak s where s.soak_id = m.soak_id and s.run_id = $1 and number = 2",
        "update backfill.soak_sample m set verdict = 'Fail' from backfill.soak s where s.soak_id = m.soak_id and s.run_id = $1 and number = 1",
        "update backfill.soak_sample m set at = at + interval '1 microsecond' from backfill.soak s where s.soak_id = m.soak_id and s.run_id = $1",
        "delete from backfill.soak_sample m using backfill.soak s where s.soak_id = m.soak_id and s.run_id = $1 and number = 1",
        "update backfill.soak set verdict = 'Pass' where run_id = $1",
        "update backfill.soak set reason = 'x' where run_id = $1",
        "update backfill.soak set window_start = window_start - interval '6 h' where run_id = $1",
        "update backfill.soak set ended_at = ended_at + interval '1 day' where run_id = $1",
        "update backfill.soak set settings = settings || '{\"baseline\": 0.1}' where run_id = $1",
        "delete from backfill.soak where run_id = $1",
        "update backfill.item set reason = 'looks fine' where run_id = $1",
    ];

    [Theory]
    [MemberData(nameof(EvidenceOfSoak))]
    public async Task An_edited_soak_is_not_what_was_approved(string sql)
    {
        var runId = await world.AsMadeAsync("soaked", world.SoakedAsync);
        var seen = await world.ApproveAsync(runId, GoNoGo);
        await world.ExecuteAsync(sql, runId);

        var gate = await world.GateAsync(runId, GoNoGo);
        Assert.Equal((BackfillGateStatus.Invalidated, null), (gate.Status, gate.ChainBreak));
        // Without any soak there is no such gate.
        var gone = sql.StartsWith("delete from backfill.soak where", StringComparison.Ordinal);
        Assert.Equal(gone ? "GateNotRaised" : "GateInvalidated", await UseRefusalAsync(runId, GoNoGo));
        Assert.Equal(gone ? "GateNotRaised" : "GateEvidenceChanged", await RefusalAsync(seen));
    }

    /// <summary>The run is <c>$1</c>; it was denied, approved and used.</summary>
    public static TheoryData<string> Decisions =>
    [
        "update backfill.gate set reason = 'approved by the board' where run_id = $1 and sequence = 2",
        "update backfill.gate set operator = 'somebody@else' where run_id = $1 and sequence = 1",
        "update backfill.gate set database_role = 'somebody' where run_id = $1 and sequence = 3",
        "update backfill.gate set approver = 'The Board' where run_id = $1 and sequence = 2",
        "update backfill.gate set at = at - interval '1 microsecond' where run_id = $1 and sequence = 2",
        "update backfill.gate set expires_at = expires_at + interval '1 microsecond' where run_id = $1 and sequence = 2",
        "update backfill.gate set overridden = not overridden where run_id = $1 and sequence = 2",
        "update backfill.gate set used_for = gen_random_uuid()::text where run_id = $1 and sequence = 3",
        "update backfill.gate set evidence = '{}' where run_id = $1 and sequence = 2",
        "update backfill.gate set evidence = '{}', evidence_sha256 = encode(sha256('{}'), 'hex') where run_id = $1 and sequence = 2",
        "update backfill.gate set criteria = '[]' where run_id = $1 and sequence = 2",
        "update backfill.gate set criteria = 'null', other_evidence = 'null' where run_id = $1 and sequence = 2",
        "update backfill.gate set plan_sha256 = 'x' where run_id = $1 and sequence = 2",
        "update backfill.gate set gate = 'SoakGoNoGo' where run_id = $1 and sequence = 2",
        "update backfill.gate set sha256 = previous_sha256 where run_id = $1 and sequence = 3",
        "delete from backfill.gate where run_id = $1 and sequence = 1",
        "delete from backfill.gate where run_id = $1 and sequence = 2",
        "delete from backfill.gate where run_id = $1 and sequence = 3",
        "delete from backfill.gate where run_id = $1",
        "insert into backfill.gate select (jsonb_populate_record(g, '{\"sequence\": 4}')).* from backfill.gate g where run_id = $1 and sequence = 2",
        "update backfill.gate set sequence = case sequence when 1 then 102 else 101 end where run_id = $1 and sequence < 3",
        "update backfill.run set gate_head = (select sha256 from backfill.gate where run_id = $1 and sequence = 2) where run_id = $1",
        "update backfill.run set gate_head = null, gate_count = 0 where run_id = $1",
        "update backfill.run set gate_count = gate_count + 1 where run_id = $1",
    ];

    [Theory]
    [MemberData(nameof(Decisions))]
    public async Task An_edited_deleted_or_reordered_decision_is_reported_and_nothing_is_done_on_it(string sql)
    {
        var runId = await world.AsMadeAsync("used", async () =>
        {
            var made = await world.AppliedAsync();
            await world.DecideAsync(made, Review, approve: false);
            await world.DecideAsync(made, Review, approve: true);
            await world.Desk.UseAsync(made, Review, ApprovalUse.Name(Guid.CreateVersion7()), CancellationToken.None);
            return made;
        });
        Assert.Equal(BackfillGateStatus.Used, (await world.GateAsync(runId, Review)).Status);
        await world.ExecuteAsync(sql, runId);
        // What was renumbered apart, so that no key was hit, is put in its new place.
        await world.ExecuteAsync("update backfill.gate set sequence = sequence - 100 where sequence > 100");
        var left = await world.DecisionsAsync();

        var gates = await world.Desk.ReadAsync(runId, TestContext.Current.CancellationToken);
        Assert.All(gates, g => Assert.Equal((BackfillGateStatus.Invalidated, true), (g.Status, g.ChainBreak is not null)));
        var gate = gates[0];
        Assert.Equal("GateChainBroken", await world.SoakRefusalAsync(runId));
        Assert.Equal("GateChainBroken", await UseRefusalAsync(runId, Review));
        Assert.Equal("GateChainBroken", await RefusalAsync(gate));
        Assert.Equal("GateChainBroken", await RefusalAsync(gate, approve: false));
        Assert.Equal(left, await world.DecisionsAsync());
    }

    [Fact]
    public async Task The_runs_own_report_says_that_its_decisions_were_tampered_with()
    {
        var runId = await world.AsMadeAsync("approved", world.RunAsync);
        await world.ExecuteAsync("delete from backfill.gate");
        var again = await world.ApplyAsync(new ApplyRequest { RunId = runId, OutputPath = ApplyWorld.NewFolder() });
        var summary = await File.ReadAllTextAsync(Path.Combine(again.OutputPath, "backfill_summary.md"), TestContext.Current.CancellationToken);
        Assert.Contains("not as they were written", summary, StringComparison.Ordinal);
        Assert.Contains("the run has had 1 decisions, and 0 are there", summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deleted_soak_approval_is_reported_too()
    {
        var runId = await world.AsMadeAsync("soaked", world.SoakedAsync);
        await world.ApproveAsync(runId, GoNoGo);
        await world.ExecuteAsync("delete from backfill.gate where run_id = $1 and sequence = 3", runId);
        var gates = await world.Desk.ReadAsync(runId, TestContext.Current.CancellationToken);
        Assert.All(gates, g => Assert.NotNull(g.ChainBreak));
        await world.ExecuteAsync("delete from backfill.gate where run_id = $1 and sequence = 1", runId);
        Assert.Equal(2, (await world.Desk.ReadAsync(runId, TestContext.Current.CancellationToken)).Count);
        Assert.Equal("GateChainBroken", await UseRefusalAsync(runId, GoNoGo));
    }

    [Theory]
    [InlineData("update backfill.plan set document = replace(document, 'v1.2.1', 'v1.1.0')")]
    [InlineData("update backfill.plan set document = document || ' '")]
    [InlineData("update backfill.plan set document = '{}'")]
    public async Task A_plan_changed_in_the_ledger_is_seen_and_nothing_goes_on_with_it(string sql)
    {
        var runId = await world.AsMadeAsync("approved", world.RunAsync);
        await world.ExecuteAsync(sql);

        var gate = await world.GateAsync(runId, Review);
        Assert.Equal(BackfillGateStatus.Invalidated, gate.Status);
        Assert.False(gate.Criteria.Single(c => c.Name == "Plan").Passed);
        Assert.Contains(await world.SoakRefusalAsync(runId), (string[])["PlanChanged", "PlanUnreadable"]);
        Assert.Equal("GateInvalidated", await UseRefusalAsync(runId, Review));
        var refusal = await Assert.ThrowsAsync<BackfillException>(
            () => world.ApplyAsync(new ApplyRequest { RunId = runId, OutputPath = ApplyWorld.NewFolder() }));
        Assert.Contains(refusal.Code, (string[])["PlanChanged", "PlanUnreadable"]);
    }

    [Fact]
    public async Task A_run_that_was_given_another_plan_is_seen()
    {
        await world.FreshAsync();
        var runId = await world.RunAsync();
        var other = (await world.ApplyAsync(ApplyWorld.PlanOf(world.WithProfile[0]))).Run;
        await world.ExecuteAsync("update backfill.run set plan_sha256 = $2 where run_id = $1", runId, other.PlanHash);
        Assert.Equal(BackfillGateStatus.Invalidated, (await world.GateAsync(runId, Review)).Status);
        Assert.Equal("GateInvalidated", await world.SoakRefusalAsync(runId));
    }

    [Fact]
    public async Task An_approval_of_another_run_opens_nothing()
    {
        await world.FreshAsync();
        var approved = await world.RunAsync();
        await world.UndoAsync(approved);
        var other = await world.AppliedAsync();
        await world.ExecuteAsync("update backfill.gate set run_id = $2 where run_id = $1", approved, other);
        await world.ExecuteAsync(
            "update backfill.run r set gate_count = o.gate_count, gate_head = o.gate_head from backfill.run o where r.run_id = $2 and o.run_id = $1", approved, other);
        Assert.Equal("GateChainBroken", await world.SoakRefusalAsync(other));
    }

    private async Task<string> RefusalAsync(BackfillGate seen, bool approve = true) => (await Assert.ThrowsAsync<BackfillException>(
        () => world.Desk.DecideAsync(
            new() { Seen = seen, Approve = approve, ReplacesDecision = true, Override = true, Reason = "a test" }, CancellationToken.None))).Code;

    private async Task<string> UseRefusalAsync(Guid runId, BackfillGateName name) => (await Assert.ThrowsAsync<BackfillException>(
        () => world.Desk.UseAsync(runId, name, ApprovalUse.Name(Guid.CreateVersion7()), CancellationToken.None))).Code;
}
