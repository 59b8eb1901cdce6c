using System.Net;
using Npgsql;

namespace Backfill.Engine.Tests.Sandbox;

/// <summary>What traffic plants is what the tables show, and it tells which.</summary>
[Collection(TrafficCollection.Name)]
public sealed class SandboxTrafficFaultTests(TrafficWorld world)
{
    private const string Function = """
        SELECT pg_get_functiondef(oid) || proacl::text || proowner::regrole::text FROM pg_proc WHERE oid = 'public.get_profile_by_session(uuid, text)'::regprocedure
        """;

    private static readonly TimeSpan AWhile = TimeSpan.FromMinutes(20);
    private static readonly SandboxTrafficOrder Sound = new(20);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_every_twenty_sessions_each_fault_has_its_share_and_the_rows_are_those_it_names()
    {
        var traffic = await world.RunAsync(
            Sound with { Unscored = 0.05, WrongVersion = 0.1, LegacyKind = 0.15, OverrideEvents = 0.2 }, AWhile);

        var planted = traffic.Planted;
        Assert.Equal(planted.Unscored, await OfAsync(
            traffic, "NOT EXISTS (SELECT FROM public.fc_scores WHERE session_id = s.id) AND NOT EXISTS (SELECT FROM public.profiles WHERE session_id = s.id) AND NOT EXISTS (SELECT FROM public.scoring_results WHERE session_id = s.id)"));
        Assert.Equal(planted.WrongVersion, await OfAsync(
            traffic, "(SELECT results_version FROM public.profiles WHERE session_id = s.id) IS DISTINCT FROM 'v1.2.1' AND EXISTS (SELECT FROM public.profiles WHERE session_id = s.id)"));
        Assert.Equal(planted.LegacyKind, await OfAsync(
            traffic, "(SELECT string_agg(fc_kind, ',') FROM public.fc_scores WHERE session_id = s.id) = 'legacy'"));
        Assert.Equal(planted.OverrideEvents, await OfAsync(
            traffic, "s.id::text IN (SELECT payload ->> 'session_id' FROM public.fn_logs WHERE evt = 'engine_version_override')"));

        var sessions = await world.SessionsAsync(traffic);
        foreach (var twenty in sessions.Chunk(20).Where(twenty => twenty.Length == 20))
        {
            Assert.Equal(
                [1, 2, 3, 4],
                new[] { planted.Unscored, planted.WrongVersion, planted.LegacyKind, planted.OverrideEvents }.Select(fault => twenty.Intersect(fault).Count()));
        }

        var all = planted.Unscored.Concat(planted.WrongVersion).Concat(planted.LegacyKind).Concat(planted.OverrideEvents).ToList();
        Assert.Equal(all.Count, all.Distinct().Count());
        Assert.Equal(traffic.Completed - planted.Unscored.Count, traffic.Scored);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(0, 0)]
    public async Task A_share_of_one_is_every_session_and_a_share_of_nothing_none(double share, double expected)
    {
        var traffic = await world.RunAsync(Sound with { Unscored = share }, TimeSpan.FromMinutes(5));
        Assert.Equal((traffic.Completed * expected, traffic.Completed * (1 - expected)), (traffic.Planted.Unscored.Count, traffic.Scored));
    }

    [Fact]
    public async Task While_tokens_are_broken_any_opens_a_profile_and_afterwards_the_function_is_what_it_was()
    {
        var before = await world.ScalarAsync<string>(Function);
        await world.StartAsync(Sound with { BrokenTokens = true }, AWhile);
        Assert.True(await OpensWithAnyTokenAsync());

        // Broken already: what is kept must not be the broken one.
        await world.Control.StartTrafficAsync(Sound with { BrokenTokens = true }, Cancellation);
        await world.Control.RestartDatabaseAsync(Cancellation);
        Assert.True((await world.Control.TrafficAsync(Cancellation)).BrokenTokens);
        Assert.NotEqual(before, await world.ScalarAsync<string>(Function));

        await world.Control.StartTrafficAsync(Sound, Cancellation);
        Assert.Equal(before, await world.ScalarAsync<string>(Function));
        Assert.False(await OpensWithAnyTokenAsync());

        await world.Control.StartTrafficAsync(Sound with { BrokenTokens = true }, Cancellation);
        Assert.False((await world.Control.StopTrafficAsync(Cancellation)).BrokenTokens);
        Assert.Equal(before, await world.ScalarAsync<string>(Function));
    }

    [Fact]
    public async Task Where_there_is_no_log_no_event_is_said_to_be_planted()
    {
        await world.ExecuteAsync("ALTER TABLE public.fn_logs RENAME TO fn_logs_away");
        try
        {
            var traffic = await world.RunAsync(Sound with { OverrideEvents = 0.5 }, AWhile);
            Assert.Equal((0, traffic.Completed, null), (traffic.Planted.OverrideEvents.Count, traffic.Scored, traffic.Trouble));
        }
        finally
        {
            await world.ExecuteAsync("ALTER TABLE public.fn_logs_away RENAME TO fn_logs");
        }
    }

    [Fact]
    public async Task Traffic_that_makes_no_sense_is_refused_with_the_reason_and_what_runs_goes_on()
    {
        var running = (await world.Control.StartTrafficAsync(Sound, Cancellation)).Last;
        (SandboxTrafficOrder Order, string Reason)[] cases =
        [
            (new(0), "rate_per_minute is from 0.01 to 100000"),
            (new(-3), "rate_per_minute"),
            (new(100_001), "rate_per_minute"),
            (new(84), "84 sessions a minute are 1008 a second where the clock goes 720 times as fast; at most 1000"),
            (Sound with { Unscored = 1.01 }, "unscored"),
            (Sound with { WrongVersion = -0.1 }, "wrong_version"),
            (Sound with { LegacyKind = 2 }, "legacy_kind"),
            (Sound with { OverrideEvents = -1 }, "override_events"),
            (Sound with { Unscored = 0.6, LegacyKind = 0.5 }, "together at most 1"),
        ];
        foreach (var (order, reason) in cases)
        {
            var error = await Assert.ThrowsAsync<HttpRequestException>(() => world.Control.StartTrafficAsync(order, Cancellation));
            Assert.Equal(HttpStatusCode.BadRequest, error.StatusCode);
            Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        }

        var state = await world.Control.StopTrafficAsync(Cancellation);
        Assert.Equal(running.Number, state.Last.Number);
    }

    private async Task<IReadOnlyList<Guid>> OfAsync(SandboxTraffic traffic, string condition) => await world.IdsAsync(
        $"SELECT s.id FROM public.assessment_sessions AS s WHERE s.completed_at > $1 AND s.completed_at <= $2 AND {condition} ORDER BY s.completed_at", traffic);

    /// <summary>As anon, of any profile.</summary>
    private async Task<bool> OpensWithAnyTokenAsync()
    {
        var session = await world.ScalarAsync<Guid>("SELECT session_id FROM public.profiles LIMIT 1");
        await using var connection = await world.Owner.OpenConnectionAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await using (var role = new NpgsqlCommand("SET LOCAL ROLE anon", connection)) await role.ExecuteNonQueryAsync(Cancellation);
        await using var command = new NpgsqlCommand("SELECT session_id FROM public.get_profile_by_session($1, 'no such token')", connection)
        {
            Parameters = { new() { Value = session } },
        };
        return await command.ExecuteScalarAsync(Cancellation) is Guid found && found == session;
    }
}
