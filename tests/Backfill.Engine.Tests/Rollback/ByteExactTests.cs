namespace Backfill.Engine.Tests.Rollback;

/// <summary>What was there before is there again, to the byte, whatever the types, triggers and cascades.</summary>
[Collection(ExactCollection.Name)]
public sealed class ByteExactTests(ExactWorld world)
{
    [Fact]
    public Task A_run_over_every_type_trigger_and_cascade_is_undone_to_the_byte() => world.MustBeUndoneAsync(UndoAsync);

    [Fact]
    public Task Columns_that_came_later_make_no_conflict_and_are_left_alone() => world.MustBeUndoneAsync(
        UndoAsync,
        """
        alter table exact.everything add column later text, add column counted integer not null default 7;
        alter table exact.folder add column later jsonb default '{"a": 1}', add column twice integer generated always as (id * 2) stored;
        alter table exact.note add column later text;
        update exact.everything set later = 'written since' where place in (1, 2);
        alter table public.fc_scores add column later timestamptz default now();
        truncate exact.log
        """,
        """
        do $$ begin
            assert (select count(*) = 0 from exact.everything where counted <> 7);
            assert (select count(*) = 8 from exact.everything where later = 'written since');
        end $$;
        alter table exact.everything drop column later, drop column counted;
        alter table exact.folder drop column later, drop column twice;
        alter table exact.note drop column later;
        alter table public.fc_scores drop column later
        """);

    [Fact]
    public Task So_do_columns_that_came_while_the_run_was_at_work() => world.MustBeUndoneAsync(
        UndoAsync,
        meanwhile: "alter table exact.everything add column later text default 'x'; alter table exact.numbered add column later integer",
        after: "alter table exact.everything drop column later; alter table exact.numbered drop column later");

    [Fact]
    public async Task Looking_says_what_undoing_does_and_changes_nothing()
    {
        await world.SeedAsync();
        var run = await world.ApplyAsync();
        var applied = await world.DumpAsync();

        var look = await world.LookAsync(run);

        Assert.Equal(applied, await world.DumpAsync());
        Assert.Null(look.Busy);
        Assert.Empty(look.Conflicts);
        Assert.All(look.Tables, t => Assert.Empty(t.Rewrites));
        var done = await world.UndoAsync(run);
        Assert.Equal(
            look.Tables.Select(t => (t.Table, t.ToDelete, t.ToRestore, t.ToReinsert)),
            done.Results.Select(r => (r.Table, r.Deleted, r.Restored, r.Reinserted)));
    }

    private async Task UndoAsync(Guid run)
    {
        var done = await world.UndoAsync(run);
        Assert.Empty(done.Conflicts);
        Assert.Equal((BackfillRunState.RolledBack, 0), (done.State, done.SessionsLeft));
        Assert.All(done.Results, r => Assert.True(r.Verified, r.ToString()));
        Assert.All(done.Results, r => Assert.Empty(r.RewrittenColumns));
    }
}
