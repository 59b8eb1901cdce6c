using Backfill.Engine.Rollback.Store;
using Npgsql;

namespace Backfill.Engine.Tests.Rollback;

/// <summary>What a rollback locks, and for how long live writers wait behind it.</summary>
[Collection(RollbackCollection.Name)]
public sealed class LockTests(RollbackWorld world)
{
    /// <summary>What a live writer holds while its transaction is open.</summary>
    private const string OpenWriter = "lock table public.fc_scores in row exclusive mode";

    [Fact]
    public async Task Rows_that_are_only_deleted_need_no_trigger_held_that_fires_on_updates()
    {
        await world.FreshAsync();
        var before = await world.DumpAsync();
        var run = await world.AppliedAsync([.. world.New.Take(3)]);
        Assert.NotEqual(0, await world.ScalarAsync<long>(
            "select count(*) from pg_trigger where tgrelid = 'public.fc_scores'::regclass and not tgisinternal and (tgtype & 16) <> 0"));

        await using var writer = await Obstacle.RaiseAsync(world, OpenWriter);
        var done = await world.UndoAsync(run.Id);

        Assert.Equal(BackfillRunState.RolledBack, done.State);
        Assert.Equal(before, await world.DumpAsync());
    }

    [Fact]
    public async Task A_trigger_that_fires_on_inserts_alone_is_not_held_for_rows_that_are_restored()
    {
        await world.FreshAsync();
        var run = await world.AppliedAsync([.. world.WithBoth.Take(2)]);
        await world.ExecuteAsync("""
            create function public.note_row() returns trigger language plpgsql as $$ begin return null; end $$;
            create trigger note_insert after insert on public.scoring_results for each statement execute function public.note_row();
            create trigger note_update after update on public.scoring_results for each row execute function public.note_row()
            """);
        try
        {
            Assert.Equal(["note_update"], await HeldAsync(run.Id, "public.scoring_results"));
        }
        finally
        {
            await world.ExecuteAsync("drop function public.note_row() cascade");
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_rollback_that_waits_lets_live_writers_go_on(bool byScript)
    {
        await world.FreshAsync();
        var before = await world.DumpAsync();
        var run = await world.AppliedAsync([.. world.WithBoth.Take(2)]);
        var script = byScript ? await world.ScriptAsync(run.Id) : null;
        Task undoing;
        await using (var writer = await Obstacle.RaiseAsync(world, OpenWriter))
        {
            undoing = script is null ? world.UndoAsync(run.Id) : RunScriptAsync(script);
            await writer.HoldsUpAsync();

            // It queues behind the rollback, and would be an error after 5 s.
            for (var i = 0; i < 3; i++)
                await world.ExecuteAsync("begin; set local lock_timeout = '5s'; update public.fc_scores set blocks_answered = blocks_answered where false; commit");
            Assert.False(undoing.IsCompleted);
        }

        await undoing;
        Assert.Equal(before, await world.DumpAsync());
    }

    private async Task RunScriptAsync(string path)
    {
        var end = await Psql.RunFileAsync(world.Sandbox.Info.DatabaseUrl, path);
        Assert.True(end.ExitCode == 0, end.Errors);
    }

    /// <summary>The triggers of a table that a rollback of the run would hold.</summary>
    private async Task<IReadOnlyList<string>> HeldAsync(Guid run, string table)
    {
        var order = new Backfill.Engine.Rollback.RollbackOrder(Guid.NewGuid(), new(run), BackfillConflictRule.Stop, "tester@here", null);
        await using var transaction = await RollbackTransaction.BeginAsync(world.Owner, order, default);
        await transaction.ChooseAsync(locks: false, default);
        await transaction.AnalyseAsync(default);
        await using var command = new NpgsqlCommand(
            "select g.name from pg_temp.backfill_trigger g join pg_temp.backfill_shape s on s.place = g.place where s.name = $1 and g.held = 'disabled' order by 1",
            transaction.Connection);
        command.Parameters.Add(new() { Value = table });
        await using var reader = await command.ExecuteReaderAsync();
        var names = new List<string>();
        while (await reader.ReadAsync())
            names.Add(reader.GetString(0));
        return names;
    }
}
