using System.Diagnostics;
using Backfill.Engine.Connections;
using Backfill.Engine.Gates;
using Backfill.Engine.Ledger;
using Backfill.Engine.Tests.Apply;

namespace Backfill.Engine.Tests.Gates;

/// <summary>What the ledger keeps of gates: who decides, whose they are, what they cost, and ledgers from before.</summary>
[Collection(GateTests.Name)]
public sealed class GateLedgerTests(GateWorld world) : IAsyncLifetime
{
    private const BackfillGateName Review = BackfillGateName.ApplyReview;
    private const BackfillGateName GoNoGo = BackfillGateName.SoakGoNoGo;

    public async ValueTask InitializeAsync() => await world.FreshAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Two_who_decide_at_the_same_moment_one_decision_stands_and_the_other_is_told()
    {
        var runId = await world.AppliedAsync();
        var operators = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => world.ConnectAsync(requireLedger: true)));
        var codes = new List<string>();
        for (var round = 0; round < 24; round++)
        {
            await world.ExecuteAsync("delete from backfill.gate; update backfill.run set gate_count = 0, gate_head = null");
            var byValue = round % 2 == 1;
            var seen = await Task.WhenAll(operators.Select(c => new GateService(c).FindAsync(runId, Review, CancellationToken.None)));
            var decided = await Task.WhenAll(operators.Select((c, i) => Task.Run(() => TryAsync(new GateService(c), new()
            {
                Seen = seen[i],
                Approve = (i + (round / 2)) % 2 == 0,
                ReplacesDecision = byValue,
                Reason = $"operator {i}",
            }))));

            var stood = Assert.Single(decided, d => d.Gate is not null).Gate!;
            var refusal = Assert.Single(decided, d => d.Refusal is not null).Refusal!;
            var now = await world.GateAsync(runId, Review);
            Assert.Equal((stood.Status, stood.Reason, 1, null), (now.Status, now.Reason, now.ChainCount, now.ChainBreak));
            var expected = byValue ? ["GateDecidedMeanwhile"] : stood.Status == BackfillGateStatus.Approved
                ? ["GateApproved", "GateDecidedMeanwhile"]
                : (string[])["GateDenied", "GateDecidedMeanwhile"];
            Assert.Contains(refusal.Code, expected);
            Assert.Contains(stood.DecidedBy!, refusal.Message, StringComparison.Ordinal);
            codes.Add($"{stood.Status}");
        }

        foreach (var connection in operators)
            await connection.Target.DisposeAsync();
        Assert.Equal(["Approved", "Denied"], codes.Distinct().Order());
    }

    [Fact]
    public async Task A_judgement_that_throws_adds_nothing_and_holds_nothing()
    {
        var runId = await world.AppliedAsync();
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => world.Connection.Target.Gates.WriteAsync(
            runId, _ => throw new InvalidTimeZoneException(), TestContext.Current.CancellationToken));
        var facts = await world.Connection.Target.Gates.WriteAsync(runId, _ => null, TestContext.Current.CancellationToken);
        Assert.Equal((0, 0, 0L), (facts.Count, facts.Entries.Count, await world.DecisionsAsync()));
        Assert.Equal("RunNotFound", (await Assert.ThrowsAsync<BackfillException>(() => world.Desk.ReadAsync(Guid.NewGuid(), CancellationToken.None))).Code);
        Assert.Equal("RunNotFound", (await Assert.ThrowsAsync<BackfillException>(
            () => world.Connection.Target.Gates.WriteAsync(Guid.NewGuid(), _ => null, CancellationToken.None))).Code);
    }

    [Fact]
    public async Task Whoever_started_or_resumed_the_run_may_not_approve_it_where_the_plan_asks_for_four_eyes()
    {
        var plan = ApplyWorld.PlanOf(world.New[0]);
        plan = ApplyWorld.ReadPlan(plan.GetDocument().Replace("\"batches\"", "\"approvals\": {\"four_eyes\": true}, \"batches\"", StringComparison.Ordinal));
        var runId = (await world.ApplyAsync(plan)).Run.RunId;
        Assert.Equal("GateFourEyes", (await Assert.ThrowsAsync<BackfillException>(() => world.ApproveByNameAsync(runId, Review))).Code);
        // Another name on the same database role is no other person.
        var other = await world.DecisionAsync(runId, Review) with { Operator = "somebody@else", Approver = "Somebody Else" };
        Assert.Equal("GateFourEyes", (await Assert.ThrowsAsync<BackfillException>(() => world.Desk.DecideAsync(other, CancellationToken.None))).Code);
        Assert.Equal(0, await world.DecisionsAsync());

        // With the run begun by another role and user it is.
        await world.ExecuteAsync("update backfill.run set operator = 'ann@north', database_role = 'ann'");
        Assert.Equal("GateFourEyes", (await Assert.ThrowsAsync<BackfillException>(() => world.ApproveByNameAsync(runId, Review))).Code);
        await world.ExecuteAsync("update backfill.run_event set by_whom = 'ann@north', database_role = 'ann'");
        Assert.Equal(BackfillGateStatus.Approved, (await world.ApproveByNameAsync(runId, Review)).Status);
    }

    [Fact]
    public async Task Gates_are_the_owners()
    {
        foreach (var role in (string[])["anon", "authenticated", "service_role"])
        {
            foreach (var table in (string[])["backfill.gate", "backfill.run_health"])
            {
                Assert.False(await world.ScalarAsync<bool>(
                    "select has_schema_privilege($1, 'backfill', 'usage') or has_table_privilege($1, $2, 'select, insert, update, delete')", role, table));
            }
        }

        Assert.Equal(2, await world.ScalarAsync<long>(
            "select count(*) from pg_class where oid in ('backfill.gate'::regclass, 'backfill.run_health'::regclass) and relrowsecurity"));
    }

    [Fact]
    public async Task Decisions_go_with_their_run()
    {
        var runId = await world.SoakedAsync();
        await world.ExecuteAsync("delete from backfill.run where run_id = $1", runId);
        Assert.Equal(0, await world.DecisionsAsync());
    }

    [Fact]
    public async Task A_long_run_takes_no_more_statements_than_a_short_one()
    {
        var runId = await world.AppliedAsync();
        var few = await CountStatementsAsync(runId);
        await world.ExecuteAsync(
            """
            insert into backfill.item
            select (jsonb_populate_record(i, jsonb_build_object('ordinal', n, 'session_id', gen_random_uuid()))).*
            from backfill.item i, generate_series(2, 2000) n
            where i.run_id = $1
            """,
            runId);
        var gate = await world.GateAsync(runId, Review);
        Assert.Equal("2000 of 2000 sessions", gate.Criteria.Single(c => c.Name == "Settled").Actual);
        Assert.Equal("1999 sessions lack images", gate.Criteria.Single(c => c.Name == "RollbackReady").Actual);
        Assert.Equal(few, await CountStatementsAsync(runId));
        Assert.InRange(few, 5, 15);
    }

    [Fact]
    public async Task A_ledger_of_version_3_is_upgraded_with_its_runs_whose_gates_are_then_closed()
    {
        const string shape = """
            select concat_ws(' ', table_name, ordinal_position, column_name, data_type, column_default, is_nullable)
            from information_schema.columns where table_schema = 'backfill' order by 1
            """;
        var runId = await world.SoakedAsync();
        var before = await world.LinesAsync(shape);
        await EarlierLedger.TakeBackAsync(world, EarlierLedger.Version6);
        await world.ExecuteAsync("""
            -- What each later migration has made is taken back, the newest first.
            alter table backfill.run
                drop column hold_cause, drop column hold_since, drop column hold_until, drop column failed_in_a_row;
            alter table backfill.rollback_conflict
                drop constraint rollback_conflict_conflict_check,
                add constraint rollback_conflict_conflict_check check (conflict <> 'Added');
            drop table backfill.gate;
            drop table backfill.run_health;
            alter table backfill.run drop column gate_count, drop column gate_head;
            update backfill.install set schema_version = 3
            """);
        var refusal = await Assert.ThrowsAsync<BackfillException>(() => world.ConnectAsync(requireLedger: true));
        Assert.Equal("LedgerOutdated", refusal.Code);

        await using (var bare = (await world.ConnectAsync(requireLedger: false)).Target)
        {
            await bare.InstallLedgerAsync(BackfillEnvironment.Staging, adopt: false, sandbox: true, TestContext.Current.CancellationToken);
            await bare.InstallLedgerAsync(BackfillEnvironment.Staging, adopt: false, sandbox: true, TestContext.Current.CancellationToken);
        }

        Assert.Equal(LedgerInstaller.NewestVersion, await world.ScalarAsync<int>("select schema_version from backfill.install"));
        Assert.Equal(1, await world.ScalarAsync<long>(
            "select count(*) from pg_constraint where conname = 'rollback_conflict_conflict_check' and pg_get_constraintdef(oid) like '%''Added''%'"));
        Assert.Equal(
            before.Select(Unplaced).Order(StringComparer.Ordinal),
            (await world.LinesAsync(shape)).Select(Unplaced).Order(StringComparer.Ordinal));
        Assert.Equal("GatePending", await world.SoakRefusalAsync(runId));
        await world.ApproveAsync(runId, Review);
        // It was not begun through its gate.
        var reviewed = (await world.GateAsync(runId, GoNoGo)).Criteria.Single(c => c.Name == "ApplyReview");
        Assert.False(reviewed.Passed);
        await world.SoakAsync(GateWorld.SoakOf(runId));
        Assert.True((await world.GateAsync(runId, GoNoGo)).Criteria.Single(c => c.Name == "ApplyReview").Passed);
    }

    /// <summary>A column that was dropped keeps its place.</summary>
    private static string Unplaced(string line) => string.Join(' ', line.Split(' ').Where((_, i) => i != 1));

    private static async Task<(BackfillGate? Gate, BackfillException? Refusal)> TryAsync(GateService desk, GateDecision decision)
    {
        try
        {
            return (await desk.DecideAsync(decision, CancellationToken.None), null);
        }
        catch (BackfillException e)
        {
            return (null, e);
        }
    }

    /// <summary>What one look at the gates sends to the server.</summary>
    private async Task<int> CountStatementsAsync(Guid runId)
    {
        var count = 0;
        using var look = new Activity("look").SetIdFormat(ActivityIdFormat.W3C).Start();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Npgsql",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if (activity.TraceId == look.TraceId)
                    Interlocked.Increment(ref count);
            },
        };
        ActivitySource.AddActivityListener(listener);
        await world.Desk.ReadAsync(runId, CancellationToken.None);
        return count;
    }
}
