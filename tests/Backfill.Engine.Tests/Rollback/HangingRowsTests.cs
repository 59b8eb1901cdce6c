using Npgsql;

namespace Backfill.Engine.Tests.Rollback;

/// <summary>Rows that refer to each other: what stays keeps what it hangs on, and nothing of others goes with ours.</summary>
[Collection(HangingCollection.Name)]
public sealed class HangingRowsTests(RandomWorld world)
{
    private Guid Ours => world.Sessions[0];

    private Guid Theirs => world.Bystanders[0];

    [Fact]
    public async Task A_row_that_stays_keeps_its_parent_and_that_one_s_parent()
    {
        await world.EmptyAsync();
        var run = await world.DoneAsync("insert into random.folder values ($1, 'a'); insert into random.note values ($1, 1, $1, 'a')");
        await world.ExecuteAsync("insert into random.stamp values ($1, 1, $2, 1)", Theirs, Ours);
        var applied = await RowsAsync();

        var done = await world.UndoAsync(run.Id, BackfillConflictRule.Skip);

        Assert.Equal([("random.folder", BackfillConflictKind.Referenced), ("random.note", BackfillConflictKind.Referenced)], Kinds(done.Conflicts));
        Assert.Equal(applied, await RowsAsync());
    }

    [Fact]
    public async Task A_row_does_not_refer_again_to_a_parent_that_is_gone()
    {
        await world.EmptyAsync();
        await world.ExecuteAsync("insert into random.folder values ($1, 'a'), ($1, 'b')", Ours);
        await world.ExecuteAsync("insert into random.mark values ($1, 1, $1, 'a'), ($1, 2, $1, 'b')", Ours);
        var run = await world.DoneAsync("update random.mark set folder_name = 'b', body = 'moved' where session_id = $1 and n = 1; update random.mark set body = 'x' where session_id = $1 and n = 2");
        await world.ExecuteAsync("delete from random.folder where session_id = $1 and name = 'a'", Ours);

        var done = await world.UndoAsync(run.Id, BackfillConflictRule.Skip);

        Assert.Equal([("random.folder", BackfillConflictKind.Deleted), ("random.mark", BackfillConflictKind.ParentGone)], Kinds(done.Conflicts));
        Assert.Equal(["1 b moved", "2 b"], await MarksAsync());
    }

    [Fact]
    public async Task A_new_row_stays_to_which_one_that_can_t_go_back_refers()
    {
        await world.EmptyAsync();
        await world.ExecuteAsync("insert into random.folder values ($1, 'a')", Ours);
        await world.ExecuteAsync("insert into random.mark values ($1, 1, $1, 'a')", Ours);
        var run = await world.DoneAsync("insert into random.folder values ($1, 'new'); update random.mark set folder_name = 'new' where session_id = $1");
        await world.ExecuteAsync("delete from random.folder where session_id = $1 and name = 'a'", Ours);

        var done = await world.UndoAsync(run.Id, BackfillConflictRule.Skip);

        Assert.Equal(
            [("random.folder", BackfillConflictKind.Deleted), ("random.folder", BackfillConflictKind.Referenced), ("random.mark", BackfillConflictKind.ParentGone)],
            Kinds(done.Conflicts));
        Assert.Equal(["1 new"], await MarksAsync());
    }

    [Fact]
    public async Task A_row_to_which_a_new_one_of_theirs_refers_by_another_column_than_its_key_stays()
    {
        await world.EmptyAsync();
        await world.ExecuteAsync("alter table random.folder add column code text unique");
        await world.ExecuteAsync("create table random.reader (code text references random.folder (code) on update cascade)");
        try
        {
            await world.ExecuteAsync("insert into random.folder (session_id, name, code) values ($1, 'a', 'old'), ($1, 'b', 'other')", Ours);
            var run = await world.DoneAsync("update random.folder set code = code || ' new' where session_id = $1");
            await world.ExecuteAsync("insert into random.reader values ('old new')");

            var done = await world.UndoAsync(run.Id, BackfillConflictRule.Skip);

            Assert.Equal([("random.folder", BackfillConflictKind.Referenced)], Kinds(done.Conflicts));
            Assert.Equal(["old new"], await world.LinesAsync("select code from random.reader"));
            Assert.Equal(["old new", "other"], await world.LinesAsync("select code from random.folder order by code"));
        }
        finally
        {
            await world.ExecuteAsync("drop table random.reader; alter table random.folder drop column code");
        }
    }

    [Fact]
    public async Task A_reference_that_was_on_its_way_is_waited_for_and_found()
    {
        await world.EmptyAsync();
        var run = await world.DoneAsync("insert into random.folder values ($1, 'a')");
        await using var obstacle = await Obstacle.RaiseAsync(world, $"insert into random.note values ('{Theirs}', 1, '{Ours}', 'a')");
        var undoing = world.UndoAsync(run.Id, BackfillConflictRule.Skip);
        await obstacle.HoldsUpAsync();
        await obstacle.CommitAsync();

        Assert.Equal([("random.folder", BackfillConflictKind.Referenced)], Kinds((await undoing).Conflicts));
        Assert.Equal(1, await world.ScalarAsync<long>("select count(*) from random.note"));
    }

    [Fact]
    public async Task A_reference_that_comes_meanwhile_waits_and_finds_the_row_gone()
    {
        await world.EmptyAsync();
        var run = await world.DoneAsync("insert into random.folder values ($1, 'a')");
        await using var obstacle = await Obstacle.RaiseAsync(world, "lock table backfill.rollback in exclusive mode");
        var undoing = world.UndoAsync(run.Id);
        await obstacle.HoldsUpAsync();
        var writing = world.ExecuteAsync("insert into random.note values ($1, 1, $2, 'a')", Theirs, Ours);
        await obstacle.CommitAsync();

        Assert.Equal(BackfillRunState.RolledBack, (await undoing).State);
        Assert.Equal(PostgresErrorCodes.ForeignKeyViolation, (await Assert.ThrowsAsync<PostgresException>(() => writing)).SqlState);
    }

    /// <summary>All but the rows that prove the calls.</summary>
    private async Task<IEnumerable<KeyValuePair<string, string>>> RowsAsync() =>
        (await world.RowsAsync()).Where(r => !r.Key.StartsWith("random.lone", StringComparison.Ordinal));

    private Task<IReadOnlyList<string>> MarksAsync() => world.LinesAsync("select concat_ws(' ', n, folder_name, body) from random.mark order by n");

    private static IEnumerable<(string, BackfillConflictKind)> Kinds(IEnumerable<BackfillRollbackConflict> conflicts) =>
        conflicts.Select(c => (c.Table, c.Kind)).OrderBy(c => c.Table, StringComparer.Ordinal).ThenBy(c => c.Kind);
}
