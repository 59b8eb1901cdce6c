using Backfill.Engine.Connections;
using Backfill.Engine.Rollback;
using Backfill.Engine.Tests.Apply;

namespace Backfill.Engine.Tests.Rollback;

/// <summary>Where one finding leads to the next.</summary>
[Collection(ScriptCollection.Name)]
public sealed class RollbackChainTests(RunWorld world)
{
    private IRollbackStore Store => world.Connection.Target.Rollbacks;

    [Fact]
    public async Task A_row_stays_where_what_refers_to_it_has_to_stay()
    {
        var run = await AppliedAsync();
        var session = world.New[0];
        // profiles <- scoring_results_types <- note: whose note it is, the run does not know.
        await world.ExecuteAsync("""
            create table public.note (session_id uuid, type_code text,
                foreign key (session_id, type_code) references public.scoring_results_types on delete cascade)
            """);
        await world.ExecuteAsync(
            "insert into public.note select session_id, type_code from public.scoring_results_types where session_id = $1 limit 1", session);

        try
        {
            var look = await Store.LookAsync(new(run), CancellationToken.None);

            Assert.Equal(
                ["public.profiles Referenced", "public.scoring_results_types Referenced"],
                look.Conflicts.Select(c => $"{c.Table} {c.Kind}").Order(StringComparer.Ordinal));
        }
        finally
        {
            await world.ExecuteAsync("drop table public.note");
        }
    }

    [Fact]
    public async Task A_session_that_settled_after_a_rollback_is_not_taken_for_undone()
    {
        var run = await AppliedAsync();
        await world.ExecuteAsync(
            "insert into backfill.rollback (rollback_id, run_id, at, whole_run, on_conflict, by_script, sessions, deleted, restored, reinserted, conflicts, verified, operator) "
            + "values (gen_random_uuid(), $1, now() - interval '1 hour', true, 'Skip', false, 0, 0, 0, 0, 0, true, 'tester@here')", run);

        var look = await Store.LookAsync(new(run), CancellationToken.None);

        Assert.True(look.Tables.Sum(t => t.ToDelete) > 0);
    }

    private async Task<Guid> AppliedAsync()
    {
        await world.FreshAsync();
        return (await world.ApplyAsync(ApplyWorld.PlanOf([.. world.New.Take(4)]))).Run.RunId;
    }
}
