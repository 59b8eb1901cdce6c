namespace Backfill.Engine.Tests.Sandbox;

/// <summary>Sessions that complete and get scored, by the sandbox's clock.</summary>
[Collection(TrafficCollection.Name)]
public sealed class SandboxTrafficTests(TrafficWorld world)
{
    private static readonly TimeSpan AWhile = TimeSpan.FromMinutes(10);
    private static readonly SandboxTrafficOrder Sound = new(20);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_minute_of_the_sandboxs_clock_has_the_ordered_number_of_sessions()
    {
        var traffic = await world.RunAsync(Sound, TimeSpan.FromMinutes(30));

        var minutes = await world.ScalarAsync<long[]>(
            """
            SELECT array_agg(sessions ORDER BY minute)
            FROM (SELECT ceil(extract(epoch FROM completed_at - $1) / 60) AS minute, count(*) AS sessions
                  FROM public.assessment_sessions WHERE completed_at > $1 AND completed_at <= $1 + interval '30 minutes' GROUP BY 1) AS m
            """,
            traffic.StartedAt);
        Assert.Equal(Enumerable.Repeat(20L, 30), minutes);
        Assert.Equal((long)Math.Floor((traffic.StoppedAt!.Value - traffic.StartedAt).TotalSeconds / 3), traffic.Completed);
        Assert.Equal((traffic.Completed, null), (traffic.Scored, traffic.Trouble));
    }

    [Fact]
    public async Task A_session_has_all_that_a_scored_session_has()
    {
        var traffic = await world.RunAsync(Sound, AWhile);

        var sound = await world.IdsAsync(
            """
            SELECT s.id
            FROM public.assessment_sessions AS s
            JOIN public.fc_scores AS f ON f.session_id = s.id AND f.version = 'v1.2' AND f.fc_kind = 'functions'
            JOIN public.profiles AS p ON p.session_id = s.id AND p.results_version = 'v1.2.1' AND p.share_token = s.share_token
            JOIN public.scoring_results AS r ON r.session_id = s.id AND r.user_id IS NOT DISTINCT FROM s.user_id
            WHERE s.completed_at > $1 AND s.completed_at <= $2
              AND (SELECT count(*) FROM public.assessment_responses AS a WHERE a.session_id = s.id) = s.completed_questions
              AND (SELECT count(*) FROM public.fc_responses AS a WHERE a.session_id = s.id) = f.blocks_answered
              AND (SELECT count(*) FROM public.fn_logs AS l WHERE l.payload ->> 'session_id' = s.id::text) = 2
              AND (public.get_profile_by_session(s.id, s.share_token)).session_id = s.id
            ORDER BY s.completed_at
            """,
            traffic);

        Assert.Equal(await world.SessionsAsync(traffic), sound);
        Assert.Equal(traffic.Completed, sound.Count);
    }

    [Fact]
    public async Task Rows_are_dated_by_the_sandboxs_clock_and_none_in_its_future()
    {
        var traffic = await world.StartAsync(Sound, AWhile);

        var late = await world.ScalarAsync<long>(
            """
            SELECT count(*)
            FROM public.assessment_sessions AS s
            LEFT JOIN public.fc_scores AS f ON f.session_id = s.id
            LEFT JOIN public.profiles AS p ON p.session_id = s.id
            LEFT JOIN public.scoring_results AS r ON r.session_id = s.id
            CROSS JOIN (SELECT current_setting('sandbox.clock_origin')::timestamptz AS origin, current_setting('sandbox.clock_factor')::float8 AS factor) AS clock
            WHERE s.completed_at > $1
              AND (s.created_at NOT BETWEEN s.completed_at - interval '40 minutes' AND s.completed_at - interval '9 minutes'
                   OR s.updated_at <> s.completed_at
                   OR f.created_at <> f.updated_at OR f.created_at NOT BETWEEN s.completed_at AND p.created_at
                   OR p.created_at <> p.computed_at OR p.updated_at <> p.computed_at OR r.computed_at <> p.computed_at
                   OR p.computed_at > s.completed_at + interval '24 seconds'
                   OR greatest(s.completed_at, p.computed_at) > origin + (clock_timestamp() - origin) * factor)
            """,
            traffic.StartedAt);

        Assert.Equal(0, late);
        await world.Control.StopTrafficAsync(Cancellation);
    }

    [Fact]
    public async Task Another_order_takes_the_place_of_the_one_before()
    {
        var first = await world.StartAsync(Sound with { Seed = 5 }, AWhile);
        var second = await world.StartAsync(Sound with { RatePerMinute = 60, Seed = 5 }, AWhile);

        var state = await world.Control.StopTrafficAsync(Cancellation);
        var replaced = Assert.Single(state.Orders, order => order.Number == first.Number);
        Assert.Equal((false, false), (replaced.Running, state.Last.Running));
        Assert.Equal((first.Number + 1, 5, 60), (second.Number, state.Last.Seed, state.Last.RatePerMinute));
        Assert.InRange(replaced.StoppedAt!.Value, first.WrittenUntil, second.StartedAt);
        // The same seed in the same sandbox: other sessions all the same.
        var (before, after) = (await world.SessionsAsync(replaced), await world.SessionsAsync(state.Last));
        Assert.Equal((replaced.Completed, state.Last.Completed), (before.Count, after.Count));
        Assert.Empty(before.Intersect(after));
    }

    [Fact]
    public async Task Nothing_is_written_after_it_was_stopped_and_stopping_again_does_no_harm()
    {
        var stopped = await world.RunAsync(Sound, AWhile);
        var later = stopped.StoppedAt!.Value + AWhile;
        await Patiently.AskAsync(() => world.Control.TrafficAsync(Cancellation), state => state.SimulatedNow >= later);

        var again = (await world.Control.StopTrafficAsync(Cancellation)).Last;

        Assert.Equal((stopped.Completed, stopped.StoppedAt), (again.Completed, again.StoppedAt));
        Assert.Equal(0, await world.ScalarAsync<long>("SELECT count(*) FROM public.assessment_sessions WHERE completed_at > $1", stopped.StoppedAt.Value));
    }

    [Fact]
    public async Task A_restart_of_the_database_loses_no_session()
    {
        await world.StartAsync(Sound, AWhile);

        await world.Control.RestartDatabaseAsync(Cancellation);
        var back = (await world.Control.TrafficAsync(Cancellation)).SimulatedNow;
        await TrafficWorld.ReachAsync(world.Sandbox, back + AWhile);

        var traffic = (await world.Control.StopTrafficAsync(Cancellation)).Last;
        var gaps = await world.ScalarAsync<long>(
            """
            SELECT count(*)
            FROM generate_series(1, $2) AS n
            LEFT JOIN public.profiles AS p ON p.session_id =
                (SELECT id FROM public.assessment_sessions WHERE completed_at = $1 + n * interval '3 seconds' AND status = 'completed')
            WHERE p.session_id IS NULL
            """,
            traffic.StartedAt, traffic.Completed);
        Assert.Equal((0, traffic.Completed, null), (gaps, traffic.Scored, traffic.Trouble));
    }

    [Fact]
    public async Task A_table_that_is_taken_away_holds_it_up_and_loses_nothing()
    {
        var before = await world.StartAsync(Sound, AWhile);
        await world.ExecuteAsync("ALTER TABLE public.profiles RENAME TO profiles_away");
        try
        {
            var held = await Patiently.AskAsync(() => world.Control.TrafficAsync(Cancellation), state => state.Last.Trouble is not null);
            Assert.Contains("public.profiles", held.Last.Trouble, StringComparison.Ordinal);
        }
        finally
        {
            await world.ExecuteAsync("ALTER TABLE public.profiles_away RENAME TO profiles");
        }

        var back = (await world.Control.TrafficAsync(Cancellation)).SimulatedNow;
        await TrafficWorld.ReachAsync(world.Sandbox, back);
        var traffic = (await world.Control.StopTrafficAsync(Cancellation)).Last;
        Assert.Equal((before.Number, null, traffic.Completed), (traffic.Number, traffic.Trouble, traffic.Scored));
        Assert.Equal(traffic.Completed, (await world.SessionsAsync(traffic)).Count);
    }
}
