using Backfill.Engine.Apply.Call;

namespace Backfill.Engine.Tests.Rollback;

/// <summary>Some sessions now, the rest later.</summary>
[Collection(RollbackCollection.Name)]
public sealed class PartialTests(RollbackWorld world)
{
    [Fact]
    public async Task Three_sessions_are_undone_and_applied_again_and_the_rest_undone_later()
    {
        await world.FreshAsync();
        var before = await world.DumpAsync();
        var plan = RollbackWorld.PlanOf([.. world.Mixed(9)]);
        var run = await world.FrozenAsync(plan, RollbackWorld.Quick);
        await run.ApplyAsync(world.BySql(ScoresBySql.Write));
        Guid[] three = [run.Sessions[0], run.Sessions[4], run.Sessions[8]];

        var some = await world.UndoAsync(new RollbackSelection(run.Id, three));

        Assert.Equal((BackfillRunState.Completed, 6), (some.State, some.SessionsLeft));
        Assert.Contains(" 6 sessions", (await run.ReadAsync()).Reason, StringComparison.Ordinal);
        Assert.Equal(Of(before, three), Of(await world.DumpAsync(), three));

        var again = await world.FrozenAsync(plan, RollbackWorld.Quick);
        await again.ApplyAsync(world.BySql(ScoresBySql.Write));
        var outcomes = (await again.ResultsAsync()).ToLookup(r => r.Outcome, r => r.SessionId);
        Assert.Equal(three.Order(), outcomes[BackfillOutcome.Succeeded].Order());
        Assert.Equal(6, outcomes[BackfillOutcome.Skipped].Count());

        var rest = await world.UndoAsync(run.Id);
        Assert.Equal((BackfillRunState.RolledBack, 0, 0), (rest.State, rest.SessionsLeft, rest.Conflicts.Count));
        var last = await world.UndoAsync(again.Id);
        Assert.Equal((BackfillRunState.RolledBack, 0), (last.State, last.Conflicts.Count));
        Assert.Equal(before, await world.DumpAsync());
    }

    [Fact]
    public async Task Sessions_chosen_out_of_a_paused_run_do_not_end_it_for_those_to_come()
    {
        await world.FreshAsync();
        var run = await world.AppliedAsync([.. world.WithProfile.Take(2)]);
        await world.ExecuteAsync(
            "insert into backfill.item (run_id, ordinal, batch_id, session_id) select run_id, 99, batch_id, $2 from backfill.item where run_id = $1 limit 1",
            run.Id,
            world.WithProfile[5]);
        await world.ExecuteAsync("update backfill.run set state = 'Paused' where run_id = $1", run.Id);

        var some = await world.UndoAsync(new RollbackSelection(run.Id, [.. run.Sessions]));
        Assert.Equal((BackfillRunState.Paused, 0), (some.State, some.SessionsLeft));
        Assert.Equal(1, (await run.ReadAsync()).Remaining);

        Assert.Equal(BackfillRunState.RolledBack, (await world.UndoAsync(run.Id)).State);
        Assert.Equal(0, (await run.ReadAsync()).Remaining);
    }

    [Fact]
    public async Task After_conflicts_were_skipped_a_second_rollback_takes_only_those()
    {
        await world.FreshAsync();
        var run = await world.AppliedAsync([.. world.WithProfile.Take(3)]);
        var before = run.Sessions[0];
        await world.ExecuteAsync("update public.profiles set confidence = 0.5 where session_id = $1", before);

        var skipped = await world.UndoAsync(run.Id, BackfillConflictRule.Skip);
        var conflict = Assert.Single(skipped.Conflicts);
        Assert.Equal((before, "public.profiles", BackfillConflictKind.Changed), (conflict.SessionId, conflict.Table, conflict.Kind));
        Assert.Equal((BackfillRunState.Completed, 1), (skipped.State, skipped.SessionsLeft));
        var rest = await world.DumpAsync();

        await world.ExecuteAsync("update public.profiles set confidence = 0.7500 where session_id = $1", before);
        var look = await world.LookAsync(run.Id);
        Assert.Equal((0, 1, 0), (look.Tables.Sum(t => t.ToDelete), look.Tables.Sum(t => t.ToRestore), look.Tables.Sum(t => t.ToReinsert)));
        Assert.Equal(BackfillRunState.RolledBack, (await world.UndoAsync(run.Id)).State);
        Assert.Single(rest.Except(await world.DumpAsync()));
    }

    [Fact]
    public async Task What_a_run_does_after_it_was_undone_in_part_is_undone_by_the_next_rollback()
    {
        await world.FreshAsync();
        var before = await world.DumpAsync();
        var run = await world.FrozenAsync(RollbackWorld.PlanOf([.. world.Mixed(6)]), RollbackWorld.Quick with { ConcurrencyLimit = 1 });
        using (var stop = new CancellationTokenSource())
        {
            await run.ApplyAsync(world.BySql(ScoresBySql.Write, call => Stopping(call, stop)), stop: stop.Token);
        }

        var done = (await run.ResultsAsync()).Select(r => r.SessionId).ToList();
        Assert.InRange(done.Count, 1, 5);
        // A conflict keeps the run as it is.
        await world.ExecuteAsync("update public.profiles set overlay = 'x' where session_id = $1", done[0]);
        var skipped = await world.UndoAsync(run.Id, BackfillConflictRule.Skip);
        Assert.Equal(BackfillRunState.Paused, skipped.State);
        await world.ExecuteAsync("update public.profiles set overlay = null where session_id = $1", done[0]);

        await run.ApplyAsync(world.BySql(ScoresBySql.Write));
        var rest = await world.UndoAsync(run.Id);

        Assert.Empty(rest.Conflicts);
        Assert.Equal(BackfillRunState.RolledBack, rest.State);
        Assert.Equal(before, await world.DumpAsync());
    }

    [Fact]
    public async Task A_window_takes_the_sessions_that_were_first_claimed_in_it()
    {
        await world.FreshAsync();
        var run = await world.AppliedAsync([.. world.New.Take(6)]);
        await world.ExecuteAsync(
            "update backfill.item set started_at = '2025-08-01Z'::timestamptz + ordinal * interval '1 hour' where run_id = $1", run.Id);
        var from = new DateTimeOffset(2025, 8, 1, 2, 0, 0, TimeSpan.Zero);

        Assert.Equal(5, (await world.LookAsync(new RollbackSelection(run.Id, After: from))).Sessions.Count);
        Assert.Single((await world.LookAsync(new RollbackSelection(run.Id, Before: from))).Sessions);
        var window = new RollbackSelection(run.Id, After: from, Before: from.AddHours(2));
        var two = await world.UndoAsync(window);

        Assert.Equal((BackfillRunState.Completed, 4), (two.State, two.SessionsLeft));
        var left = await world.LinesAsync("select session_id::text from public.fc_scores where session_id = any ($1)", run.Sessions.ToArray());
        Assert.Equal(run.Sessions.Where((_, i) => i is not (1 or 2)).Select(s => s.ToString()).Order(), left.Order());
        Assert.Equal(4, (await world.UndoAsync(run.Id)).Results.Single(r => r.Table == "public.fc_scores").Deleted);
    }

    private static FunctionReply Stopping(FunctionCall call, CancellationTokenSource stop)
    {
        if (call.Position == 2)
            stop.Cancel();
        return SqlFunctions.Ok;
    }

    private static IEnumerable<string> Of(IEnumerable<string> dump, Guid[] sessions) =>
        dump.Where(line => sessions.Any(s => line.Contains(s.ToString(), StringComparison.Ordinal)));
}
