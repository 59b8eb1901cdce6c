using Backfill.Engine.Connections;
using Backfill.Engine.Ledger;
using Backfill.Engine.Plans;
using Backfill.Engine.Purge;
using Backfill.Engine.Tests.Apply;

namespace Backfill.Engine.Tests.Rollback;

/// <summary>Runs that have ended can be removed from the ledger, with everything of theirs and nothing of others'.</summary>
[Collection(RollbackCollection.Name)]
public sealed class PurgeTests(RollbackWorld world)
{
    private const string Leftovers = """
        select t.name || ' ' || t.rows from (
            select 'run' as name, count(*) as rows from backfill.run union all
            select 'run_event', count(*) from backfill.run_event union all
            select 'worker', count(*) from backfill.worker union all
            select 'item', count(*) from backfill.item union all
            select 'operation', count(*) from backfill.operation union all
            select 'image', count(*) from backfill.image union all
            select 'rollback', count(*) from backfill.rollback union all
            select 'rollback_table', count(*) from backfill.rollback_table union all
            select 'rollback_session', count(*) from backfill.rollback_session union all
            select 'soak', count(*) from backfill.soak union all
            select 'gate', count(*) from backfill.gate union all
            select 'run_health', count(*) from backfill.run_health union all
            select 'plan', count(*) from backfill.plan union all
            select 'plan_session', count(*) from backfill.plan_session
        ) t where t.rows > 0
        """;

    private PurgePhase Phase => new(world.Connection);

    [Fact]
    public async Task A_run_goes_with_all_that_is_known_of_it_and_its_plan()
    {
        await world.FreshAsync();
        var run = await world.AppliedAsync(world.New[0], world.New[1]);
        await world.UndoAsync(new RollbackSelection(run.Id, [world.New[0]]));
        await SoakedAsync(run.Id, "Ended");
        var applied = await world.DumpAsync();

        var shown = Assert.Single(await LookAsync(run.Id));
        Assert.Equal((BackfillRunState.Completed, 2, 1, 1, true), (shown.State, shown.Sessions, shown.Soaks, shown.Rollbacks, shown.HoldsUndo));
        Assert.True(shown.Images > 0 && shown.Calls == 4 && shown.EndedAt is not null);
        Assert.Equal([run.Id], (await RemoveAsync(run.Id)).Select(r => r.RunId));

        Assert.Empty(await world.LinesAsync(Leftovers));
        Assert.Equal(applied, await world.DumpAsync());
        Assert.Equal("RunNotFound", (await RefusalAsync(run.Id)).Code);
    }

    [Fact]
    public async Task What_other_runs_use_stays()
    {
        await world.FreshAsync();
        var plan = ApplyWorld.PlanOf(world.New[0]);
        var first = await world.FrozenAsync(plan, RunWorld.Quick);
        await first.ApplyAsync(world.BySql(ScoresBySql.Write));
        var second = await world.FrozenAsync(plan, RunWorld.Quick, BackfillReprocess.All);
        await second.ApplyAsync(world.BySql(ScoresBySql.Write));

        await RemoveAsync(first.Id);
        Assert.Equal([second.Id.ToString()], await world.LinesAsync("select run_id::text from backfill.run"));
        Assert.Equal(1, await world.ScalarAsync<long>("select count(*) from backfill.plan_session"));
        Assert.Equal(BackfillRunState.RolledBack, (await world.UndoAsync(second.Id)).State);
        Assert.False(Assert.Single(await LookAsync(second.Id)).HoldsUndo);
    }

    [Fact]
    public async Task By_age_only_what_has_ended_goes()
    {
        await world.FreshAsync();
        var old = await world.AppliedAsync(world.New[0]);
        await world.ExecuteAsync("update backfill.run set finished_at = finished_at - interval '31 days', state_at = state_at - interval '31 days'");
        var open = await world.FrozenAsync(ApplyWorld.PlanOf(world.New[1]), RunWorld.Quick);
        await world.ExecuteAsync("update backfill.run set created_at = created_at - interval '40 days', state_at = state_at - interval '40 days' where run_id = $1", open.Id);
        var recent = await world.AppliedAsync(world.New[2]);

        Assert.Equal([old.Id], (await Phase.LookAsync(new(null, TimeSpan.FromDays(30)), default)).Select(r => r.RunId));
        Assert.Equal([old.Id], (await Phase.LookAsync(new([old.Id, open.Id, recent.Id], TimeSpan.FromDays(30)), default)).Select(r => r.RunId));
        Assert.Equal("SelectionEmpty", (await RefusalAsync(new PurgeSelection(null, TimeSpan.FromDays(40)))).Code);
        Assert.Equal("SelectionEmpty", (await RefusalAsync(new PurgeSelection([], null))).Code);
        Assert.Equal("SpanNotPositive", (await RefusalAsync(new PurgeSelection(null, TimeSpan.Zero))).Code);
    }

    [Theory]
    [InlineData("Pending")]
    [InlineData("Running")]
    [InlineData("Paused")]
    [InlineData("Halted")]
    public async Task A_run_that_has_not_ended_stays_and_so_do_all_that_were_to_go_with_it(string state)
    {
        await world.FreshAsync();
        var ended = await world.AppliedAsync(world.New[0]);
        var open = await world.FrozenAsync(ApplyWorld.PlanOf(world.New[1]), RunWorld.Quick);
        await world.ExecuteAsync("update backfill.run set state = $2 where run_id = $1", open.Id, state);
        Assert.Equal("RunNotFinished", (await RefusalAsync(ended.Id, open.Id)).Code);
        // What was right when it was shown need not be so any more.
        Assert.Equal("RunNotFinished", (await Assert.ThrowsAsync<BackfillException>(() => RemoveAsync(ended.Id, open.Id))).Code);
        Assert.Equal(2, await world.ScalarAsync<long>("select count(*) from backfill.run"));
    }

    [Theory]
    [InlineData("update backfill.worker set ended_at = null, seen_at = clock_timestamp()", "was seen at work")]
    [InlineData("update backfill.item set outcome = 'Unknown', settled_at = clock_timestamp() + interval '1 hour'", "may be committed yet")]
    public async Task A_run_that_somebody_is_at_stays(string change, string words)
    {
        await world.FreshAsync();
        var run = await world.AppliedAsync(world.New[0]);
        await world.ExecuteAsync(change);
        var refusal = await RefusalAsync(run.Id);
        Assert.Equal("RunBusy", refusal.Code);
        Assert.Contains(words, refusal.Message, StringComparison.Ordinal);
        Assert.Equal("RunBusy", (await Assert.ThrowsAsync<BackfillException>(() => RemoveAsync(run.Id))).Code);
    }

    [Fact]
    public async Task A_run_that_is_soaked_stays_until_nobody_watches_any_more()
    {
        await world.FreshAsync();
        var run = await world.AppliedAsync(world.New[0]);
        await SoakedAsync(run.Id, "Open");
        Assert.Contains("soaked", (await RefusalAsync(run.Id)).Message, StringComparison.Ordinal);
        await world.ExecuteAsync("update backfill.soak set begun_at = begun_at - interval '1 day'");
        await RemoveAsync(run.Id);
        Assert.Empty(await world.LinesAsync(Leftovers));
    }

    [Fact]
    public async Task Two_that_remove_at_once_remove_each_run_once()
    {
        await world.FreshAsync();
        var ids = new List<Guid>();
        foreach (var session in world.New.Take(4))
            ids.Add((await world.AppliedAsync(session)).Id);
        var both = await Task.WhenAll(RemoveAsync([.. ids]), RemoveAsync([.. Enumerable.Reverse(ids)]));
        Assert.Equal(ids.Order(), both.SelectMany(b => b.Select(r => r.RunId)).Order());
        Assert.Empty(await world.LinesAsync(Leftovers));
    }

    [Fact]
    public async Task A_rollback_at_this_moment_comes_first()
    {
        await world.FreshAsync();
        var run = await world.AppliedAsync(world.New[0]);
        await using var obstacle = await Obstacle.RaiseAsync(world, "lock table backfill.rollback in exclusive mode");
        var undoing = world.UndoAsync(run.Id);
        var rollback = await obstacle.HoldsUpAsync();
        var removing = RemoveAsync(run.Id);
        Assert.True(await Sandbox.Patiently.AskAsync(
            () => world.ScalarAsync<bool>("select exists (select from pg_stat_activity a where $1 = any (pg_blocking_pids(a.pid)))", rollback), waits => waits));
        await obstacle.CommitAsync();
        Assert.Equal(BackfillRunState.RolledBack, (await undoing).State);
        Assert.Equal(BackfillRunState.RolledBack, Assert.Single(await removing).State);
        Assert.Empty(await world.LinesAsync(Leftovers));
    }

    [Fact]
    public async Task A_rollback_that_comes_second_finds_no_run()
    {
        await world.FreshAsync();
        var run = await world.AppliedAsync(world.New[0]);
        var applied = await world.DumpAsync();
        await using var obstacle = await Obstacle.RaiseAsync(world, "lock table backfill.plan_session in share mode");
        var removing = RemoveAsync(run.Id);
        await obstacle.HoldsUpAsync();
        var undoing = world.RefusalAsync(new(run.Id));
        await obstacle.CommitAsync();
        Assert.Single(await removing);
        Assert.Equal("RunNotFound", (await undoing).Code);
        Assert.Equal(applied, await world.DumpAsync());
    }

    [Fact]
    public async Task A_run_that_is_frozen_meanwhile_keeps_its_plan_or_says_that_it_is_gone()
    {
        await world.FreshAsync();
        var plan = ApplyWorld.PlanOf(world.New[0]);
        var first = await world.FrozenAsync(plan, RunWorld.Quick);
        await first.ApplyAsync(world.BySql(ScoresBySql.Write));
        var ledger = world.Connection.Target.Ledger;
        var resolution = await ledger.ResolveAsync(plan, Footprint.For(plan), default);
        Assert.True(resolution.WasFrozen);
        RunRequest Request() => new(
            Guid.CreateVersion7(), plan, Footprint.For(plan), resolution, null, RunWorld.Quick, BackfillReprocess.All, "tester@here");

        await RemoveAsync(first.Id);
        Assert.Equal("PlanBusy", (await Assert.ThrowsAsync<BackfillException>(() => ledger.FreezeAsync(Request(), default))).Code);
        Assert.Empty(await world.LinesAsync(Leftovers));

        await using (var freezing = await Obstacle.RaiseAsync(
            world, $"insert into backfill.plan values ('{plan.Hash}', '{{}}', 'x'); insert into backfill.plan_session values ('{plan.Hash}', 1, 'a', '{world.New[0]}')"))
        {
            var waiting = ledger.FreezeAsync(Request(), default);
            await freezing.HoldsUpAsync();
            await freezing.CommitAsync();
            Assert.Equal(1, (await waiting).Total);
        }
    }

    private Task<IReadOnlyList<RunToRemove>> LookAsync(params Guid[] runs) => Phase.LookAsync(new(runs, null), default);

    private Task<IReadOnlyList<RunToRemove>> RemoveAsync(params Guid[] runs) => world.Connection.Target.Purges.RemoveAsync(runs, default);

    private Task<BackfillException> RefusalAsync(params Guid[] runs) => RefusalAsync(new PurgeSelection(runs, null));

    private async Task<BackfillException> RefusalAsync(PurgeSelection selection) =>
        await Assert.ThrowsAsync<BackfillException>(() => Phase.LookAsync(selection, default));

    private Task SoakedAsync(Guid run, string state) => world.ExecuteAsync(
        """
        insert into backfill.soak (soak_id, run_id, window_start, window_end, sample_interval, settings, state, verdict, operator, ended_at)
        values (gen_random_uuid(), $1, now(), now() + interval '6 hours', interval '5 minutes', '{}', $2,
            case $2 when 'Ended' then 'Pass' end, 'tester@here', case $2 when 'Ended' then now() end)
        """,
        run,
        state);
}
