using Backfill.Engine.Connections;
using Backfill.Engine.Ledger;
using Backfill.Engine.Tests.Apply;

namespace Backfill.Engine.Tests.Rollback;

/// <summary>A row that is no longer as the run left it, and whatever hangs on it, stays and is reported.</summary>
[Collection(RollbackCollection.Name)]
public sealed class ConflictTests(RollbackWorld world)
{
    private static readonly WorkerIdentity Somebody = new(Guid.NewGuid(), "tester@here", 1);

    [Fact]
    public async Task With_conflicts_stop_changes_nothing_and_lists_them()
    {
        var run = await AppliedAsync(world.New[0], world.WithBoth[0]);
        await world.ExecuteAsync("update public.profiles set confidence = 0.1 where session_id = $1", world.New[0]);
        await world.ExecuteAsync("delete from public.fc_scores where session_id = $1", world.WithBoth[0]);
        var applied = await world.DumpAsync();

        var stopped = await world.UndoAsync(run.Id);

        Assert.Equal([("public.fc_scores", BackfillConflictKind.Deleted), ("public.profiles", BackfillConflictKind.Changed)], Kinds(stopped.Conflicts));
        Assert.Empty(stopped.Results);
        Assert.Equal(BackfillRunState.Completed, stopped.State);
        Assert.Equal(applied, await world.DumpAsync());
        Assert.Equal(0, await world.ScalarAsync<long>("select count(*) from backfill.rollback"));
    }

    [Fact]
    public async Task A_row_that_rows_of_others_refer_to_stays()
    {
        var run = await AppliedAsync(world.New[0]);
        await world.ExecuteAsync("insert into public.scoring_results_types values ($1, 'theirs', 9, 0.5)", world.New[0]);

        var done = await world.UndoAsync(run.Id, BackfillConflictRule.Skip);

        Assert.Equal([("public.profiles", BackfillConflictKind.Referenced), ("public.scoring_results_types", BackfillConflictKind.Added)], Kinds(done.Conflicts));
        Assert.Equal(["theirs"], await world.LinesAsync("select type_code from public.scoring_results_types where session_id = $1", world.New[0]));
        Assert.Equal(1, await CountAsync("profiles"));
        Assert.Equal(0, await CountAsync("fc_scores"));
    }

    [Fact]
    public async Task What_a_row_that_stays_refers_to_stays_too()
    {
        var run = await AppliedAsync(world.New[0]);
        await world.ExecuteAsync("update public.scoring_results_types set fit = 0.5 where session_id = $1 and type_code = 'new'", world.New[0]);

        var done = await world.UndoAsync(run.Id, BackfillConflictRule.Skip);

        Assert.Equal(
            [("public.profiles", BackfillConflictKind.Referenced), ("public.scoring_results_types", BackfillConflictKind.Changed)], Kinds(done.Conflicts));
        Assert.Equal(["new"], await world.LinesAsync("select type_code from public.scoring_results_types where session_id = $1", world.New[0]));
        Assert.Equal(1, await CountAsync("profiles"));
    }

    [Fact]
    public async Task A_row_whose_parent_is_gone_does_not_come_back()
    {
        await world.FreshAsync();
        var session = world.WithBoth[0];
        var types = await world.ScalarAsync<long>("select count(*) from public.scoring_results_types where session_id = $1", session);
        Assert.NotEqual(0, types);
        var run = await world.FrozenAsync(ApplyWorld.PlanOf(session), RunWorld.Quick);
        await run.ApplyAsync(world.BySql(call => call.Function == "score_prism"
            ? $"{ScoresBySql.Write(call)}; delete from public.scoring_results_types where session_id = $1"
            : ScoresBySql.Write(call)));
        await world.ExecuteAsync("delete from public.profiles where session_id = $1", session);

        var done = await world.UndoAsync(run.Id, BackfillConflictRule.Skip);

        Assert.Equal(
            Enumerable.Repeat(("public.scoring_results_types", BackfillConflictKind.ParentGone), (int)types)
                .Prepend(("public.profiles", BackfillConflictKind.Deleted)),
            Kinds(done.Conflicts));
    }

    [Fact]
    public async Task What_a_session_that_never_settled_has_changed_is_not_undone()
    {
        await world.FreshAsync();
        var (changed, idle) = (world.WithBoth[0], world.WithBoth[1]);
        var before = await world.DumpAsync();
        var run = await ClaimedAsync(changed, idle);
        await world.ExecuteAsync("update public.profiles set confidence = 0.1 where session_id = $1", changed);
        await world.ExecuteAsync("insert into public.fc_scores (session_id, version, fc_kind, scores_json) values ($1, 'v9', 'new', '{}')", changed);
        var now = await world.DumpAsync();

        for (var i = 0; i < 2; i++)
        {
            var skipped = await world.UndoAsync(run.Id, BackfillConflictRule.Skip);
            Assert.Equal(
                [("public.fc_scores", BackfillConflictKind.Unsettled), ("public.profiles", BackfillConflictKind.Unsettled)], Kinds(skipped.Conflicts));
            Assert.Equal(1, skipped.SessionsLeft);
            Assert.Equal(now, await world.DumpAsync());
        }

        // Once nothing of it is left, there is nothing left to undo; and its sessions are free.
        await TargetRows.PutBackAsync(world.Owner);
        Assert.Equal(BackfillRunState.RolledBack, (await world.UndoAsync(run.Id)).State);
        Assert.Equal(before, await world.DumpAsync());
        await world.AppliedAsync(changed, idle);
    }

    [Fact]
    public async Task What_an_aborted_run_left_unread_is_a_conflict_each_time()
    {
        await world.FreshAsync();
        var run = await ClaimedAsync(world.WithBoth[0]);
        await world.ExecuteAsync("update public.profiles set confidence = 0.1 where session_id = $1", world.WithBoth[0]);
        await run.OrderAsync(RunAction.Stop);
        await world.TimePassesAsync();
        for (var i = 0; i < 2; i++)
        {
            var skipped = await world.UndoAsync(run.Id, BackfillConflictRule.Skip);
            Assert.Equal([("public.profiles", BackfillConflictKind.Unsettled)], Kinds(skipped.Conflicts));
            Assert.Equal((BackfillRunState.Aborted, 1), (skipped.State, skipped.SessionsLeft));
        }
    }

    /// <summary>Sessions that a worker claimed, and did not live to settle.</summary>
    private async Task<TestRun> ClaimedAsync(params Guid[] sessions)
    {
        var run = await world.FrozenAsync(ApplyWorld.PlanOf(sessions), RunWorld.Quick);
        var worker = Somebody with { WorkerId = Guid.NewGuid() };
        await world.Connection.Target.Ledger.StartAsync(run.Ticket, worker, CancellationToken.None);
        var claims = await world.Connection.Target.Ledger.ClaimAsync(run.Ticket, worker, sessions.Length, CancellationToken.None);
        Assert.Equal(sessions.Length, claims.Count);
        await world.TimePassesAsync();
        return run;
    }

    private async Task<TestRun> AppliedAsync(params Guid[] sessions)
    {
        await world.FreshAsync();
        return await world.AppliedAsync(sessions);
    }

    private Task<long> CountAsync(string table) =>
        world.ScalarAsync<long>($"select count(*) from public.{table} where session_id = $1", world.New[0]);

    private static IEnumerable<(string, BackfillConflictKind)> Kinds(IEnumerable<BackfillRollbackConflict> conflicts) =>
        conflicts.Select(c => (c.Table, c.Kind)).OrderBy(c => c.Table, StringComparer.Ordinal);
}
