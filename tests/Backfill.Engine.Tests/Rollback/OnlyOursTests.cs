using Backfill.Engine.Plans.Json;
using Backfill.Engine.Tests.Apply;

namespace Backfill.Engine.Tests.Rollback;

/// <summary>A rollback of many sessions touches nothing that somebody else has changed since, and nothing that is not the run's.</summary>
[Collection(RollbackCollection.Name)]
public sealed class OnlyOursTests(RollbackWorld world)
{
    private const int Sessions = 2_000;

    /// <summary>Sessions, every other one with a profile and what belongs to it.</summary>
    private const string Seed = """
        with seeded as (
            insert into public.assessment_sessions (id, status, completed_at)
            select gen_random_uuid(), 'completed', now() from generate_series(1, 2000)
            returning id
        ),
        scored as (select s.id from (select s.id, row_number() over (order by s.id) as n from seeded s) s where s.n % 2 = 0),
        profiles as (
            insert into public.profiles (session_id, results_version, type_code, confidence)
            select s.id, 'v1.1.0', 'ESE', 0.50 from scored s
        ),
        states as (insert into public.scoring_results_state select s.id, 'calm', 1.0 from scored s)
        select s.id::text from seeded s order by s.id
        """;

    private const string ArrivesSince = """
        with arrived as (
            insert into public.assessment_sessions (id, status, completed_at)
            select gen_random_uuid(), 'completed', now() from generate_series(1, 500)
            returning id
        ),
        profiles as (
            insert into public.profiles (session_id, results_version, type_code) select a.id, 'v1.2.1', 'LIE' from arrived a
        )
        insert into public.fc_scores (session_id, version, fc_kind, scores_json) select a.id, 'v1.2', 'functions', '{"Ti": 2}' from arrived a
        """;

    [Fact]
    [Trait("Lane", "full")]
    public async Task Of_2000_sessions_what_others_changed_or_deleted_or_added_stays_and_the_rest_is_as_before()
    {
        await world.FreshAsync();
        var sessions = (await world.LinesAsync(Seed)).Select(Guid.Parse).ToArray();
        var before = await world.RowsAsync();
        var run = await ApplyAsync(sessions);
        // Of each forty one, and of each two hundred one: of both halves.
        var changed = sessions.Where((_, i) => i % 40 == i / 40 % 2).ToArray();
        var deleted = sessions.Where((_, i) => i % 200 == 2 + (i / 200 % 2)).ToArray();
        var added = sessions.Where((_, i) => i % 200 == 4 + (i / 200 % 2)).ToArray();
        Assert.Equal((50, 10, 10), (changed.Length, deleted.Length, added.Length));
        await world.ExecuteAsync("update public.profiles set validity_status = 'looked at' where session_id = any ($1)", changed);
        // The run has made these: without them it is as before.
        await world.ExecuteAsync("delete from public.scoring_results where session_id = any ($1)", deleted);
        await world.ExecuteAsync("insert into public.scoring_results_functions select s, 'Te', 0.5, 1 from unnest($1::uuid[]) s", added);
        await world.ExecuteAsync(ArrivesSince);
        var applied = await world.RowsAsync();

        var stopped = await world.UndoAsync(run.Id);

        Assert.Equal((60, 0), (stopped.Conflicts.Count, stopped.Results.Count));
        Assert.Equal(BackfillRunState.Completed, stopped.State);
        Assert.Equal(applied, await world.RowsAsync());

        var done = await world.UndoAsync(run.Id, BackfillConflictRule.Skip);

        Assert.Equal(stopped.Conflicts, done.Conflicts);
        Assert.Equal(
            [.. changed.Select(s => ("public.profiles", s, BackfillConflictKind.Changed)), .. added.Select(s => ("public.scoring_results_functions", s, BackfillConflictKind.Added))],
            done.Conflicts.Select(c => (c.Table, c.SessionId, c.Kind)).ToHashSet());
        Assert.Equal((BackfillRunState.Completed, 60), (done.State, done.SessionsLeft));
        Assert.All(done.Results, r => Assert.True(r.Verified, r.ToString()));
        Assert.Equal(Expected(before, applied, [.. sessions], done.Conflicts), await world.RowsAsync());
    }

    /// <summary>Conflicts and rows of other sessions as they are after the run, all else as before it.</summary>
    private static Dictionary<string, string> Expected(
        Dictionary<string, string> before,
        Dictionary<string, string> applied,
        HashSet<Guid> sessions,
        IReadOnlyList<BackfillRollbackConflict> conflicts)
    {
        var stay = conflicts.Select(c => TargetDump.RowOf(c.Table, c.SessionId) + (c.Kind == BackfillConflictKind.Added ? " Te" : "")).ToHashSet();
        bool Stays(string row) => stay.Contains(row) || !sessions.Contains(TargetDump.SessionOf(row));
        return before.Where(r => !Stays(r.Key)).Concat(applied.Where(r => Stays(r.Key))).ToDictionary();
    }

    private async Task<TestRun> ApplyAsync(Guid[] sessions)
    {
        var plan = ApplyWorld.Plan(
            $"\"sessions\": [{string.Join(", ", sessions.Select(s => $"\"{s}\""))}]",
            """{"function": "score_prism", "params": {"engine_version": "v1.2.1"}}""");
        var run = await world.FrozenAsync(plan, RunWorld.Settings with { ConcurrencyLimit = 16 });
        await run.ApplyAsync(world.BySql(ScoresBySql.Write));
        Assert.Equal(Sessions, (await run.ReadAsync()).Succeeded);
        return run;
    }
}
