using Backfill.Engine.Connections;
using Backfill.Engine.Tests.Connections;

namespace Backfill.Engine.Tests.Rollback;

/// <summary>Who rolls back, and through what: exact where it can be, and told beforehand where it can't.</summary>
/// <remarks>Every other test rolls back as the tables' owner, who is no superuser.</remarks>
[Collection(ExactCollection.Name)]
public sealed class RoleTests(ExactWorld world)
{
    private static readonly string[] Touched = ["exact.folder", "exact.note", "exact.mark"];

    [Fact]
    public Task Who_owns_nothing_and_may_stop_triggers_by_replica_mode_undoes_to_the_byte() => AsAsync(
        ExactWorld.MayUseReplicaMode,
        through => world.MustBeUndoneAsync(
            async run =>
            {
                Assert.All((await world.LookAsync(new RollbackSelection(run), through)).Tables, t => Assert.Empty(t.Rewrites));
                var done = await world.UndoAsync(new RollbackSelection(run), through: through);
                Assert.All(done.Results, r => Assert.True(r.Verified, r.ToString()));
                Assert.Equal("origin", await world.ScalarAsync<string>("select current_setting('session_replication_role')"));
            },
            // A trigger that fires always fires in replica mode too.
            before: "alter table exact.mark enable trigger touched",
            afterwards: "alter table exact.mark enable always trigger touched",
            isSilent: false));

    [Fact]
    public Task Who_may_use_replica_mode_is_told_of_a_trigger_that_fires_always() =>
        AsAsync(ExactWorld.MayUseReplicaMode, through => MustAnnounceAsync(through, ["exact.mark"]));

    [Fact]
    public Task Who_may_not_hold_triggers_is_told_beforehand_what_they_will_change() =>
        AsAsync(ExactWorld.MayWriteOnly, through => MustAnnounceAsync(through, Touched));

    [Fact]
    public async Task Through_a_transaction_pooler_a_run_is_undone_to_the_byte_and_nothing_is_left_in_its_session()
    {
        Assert.SkipUnless(PgBouncer.Program is not null, "pgbouncer is not installed.");
        await using var pooler = await PgBouncer.StartAsync(world.Sandbox.Info.DatabaseUrl, "transaction");
        var through = await world.ConnectAsync(port: pooler.Port);
        await using var target = through.Target;
        await world.MustBeUndoneAsync(async run =>
        {
            await world.LookAsync(new RollbackSelection(run), through);
            var done = await world.UndoAsync(new RollbackSelection(run), through: through);
            Assert.All(done.Results, r => Assert.True(r.Verified, r.ToString()));
        });
        Assert.Equal(0, await world.ScalarAsync<long>("select count(*) from pg_class where relnamespace::regnamespace::text like 'pg_temp%'"));
        Assert.Equal(0, await world.ScalarAsync<long>("select count(*) from pg_stat_activity where state like 'idle in transaction%'"));
    }

    [Fact]
    public Task Triggers_that_write_elsewhere_are_named_as_held_and_fire_where_it_is_asked() => world.MustBeUndoneAsync(
        async run =>
        {
            var look = await world.LookAsync(new RollbackSelection(run));
            Assert.Contains("trigger told (exact.tell)", look.HeldTriggers, StringComparison.Ordinal);
            Assert.DoesNotContain("touched", look.HeldTriggers, StringComparison.Ordinal);
            var fires = new RollbackSelection(run) { FireTriggers = true };
            Assert.Null((await world.LookAsync(fires)).HeldTriggers);

            var told = await world.ScalarAsync<long>("select count(*) from exact.log");
            var done = await world.UndoAsync(fires);
            Assert.All(done.Results, r => Assert.True(r.Verified, r.ToString()));
            Assert.True(await world.ScalarAsync<long>("select count(*) from exact.log") > told);
        },
        isSilent: false);

    /// <summary>Only these tables come out otherwise, in a column that was named before; the rest is exact.</summary>
    private async Task MustAnnounceAsync(BackfillConnection through, string[] tables)
    {
        await world.SeedAsync();
        var before = await world.RowsAsync("updated_at");
        var run = await world.ApplyAsync();

        var look = await world.LookAsync(new RollbackSelection(run), through);
        Assert.Equal(tables, look.Tables.Where(t => t.Rewrites.Count > 0).Select(t => t.Table));
        Assert.All(look.Tables.Where(t => t.Rewrites.Count > 0), t => Assert.Equal(["updated_at"], t.Rewrites));
        var done = await world.UndoAsync(new RollbackSelection(run), through: through);

        Assert.Equal(
            look.Tables.Select(t => (t.Table, t.Rewrites.Count == 0, string.Join(", ", t.Rewrites))),
            done.Results.Select(r => (r.Table, r.Verified, string.Join(", ", r.RewrittenColumns))));
        Assert.Equal(BackfillRunState.RolledBack, done.State);
        Assert.Equal(before, await world.RowsAsync("updated_at"));
        Assert.False(await world.ScalarAsync<bool>("select verified from backfill.rollback where run_id = $1", run));
    }

    private async Task AsAsync(string role, Func<BackfillConnection, Task> test)
    {
        var through = await world.ConnectAsync(user: role);
        await using var target = through.Target;
        await test(through);
    }
}
