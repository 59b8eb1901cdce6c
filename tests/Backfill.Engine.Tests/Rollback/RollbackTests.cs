using Backfill.Engine.Connections;
using Backfill.Engine.Rollback;
using Backfill.Engine.Tests.Apply;

namespace Backfill.Engine.Tests.Rollback;

[Collection(RollbackCollection.Name)]
public sealed class RollbackTests(RollbackWorld world)
{
    private static RollbackOrder Of(Guid run, BackfillConflictRule rule = BackfillConflictRule.Stop) =>
        new(Guid.CreateVersion7(), new(run), rule, "tester@here", "a test");

    [Fact]
    public async Task A_run_is_undone_to_the_byte()
    {
        await world.FreshAsync();
        var before = await world.DumpAsync();
        var run = (await world.ApplyAsync(ApplyWorld.PlanOf([.. world.Mixed(12)]))).Run;
        Assert.NotEqual(before, await world.DumpAsync());

        var look = await world.Connection.Target.Rollbacks.LookAsync(new(run.RunId), TestContext.Current.CancellationToken);
        var done = await world.Connection.Target.Rollbacks.UndoAsync(Of(run.RunId), TestContext.Current.CancellationToken);

        Assert.Empty(done.Conflicts);
        Assert.All(done.Results, r => Assert.True(r.Verified));
        Assert.Equal(look.Tables.Sum(t => t.ToDelete), done.Results.Sum(r => r.Deleted));
        Assert.Equal(look.Tables.Sum(t => t.ToRestore), done.Results.Sum(r => r.Restored));
        Assert.Equal(BackfillRunState.RolledBack, done.State);
        Assert.Equal(before, await world.DumpAsync());
    }
}
