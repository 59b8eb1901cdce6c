using System.Net;

namespace Backfill.Engine.Tests.Sandbox;

public sealed class SandboxFunctionTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    private const string ScoreFc = "score_fc_session";
    private const string ScorePrism = "score_prism";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private SandboxInfo Info => fixture.Sandbox.Info;

    private SandboxFunctions Functions => fixture.Sandbox.Functions;

    [Fact]
    public async Task Scoring_forced_choice_writes_the_row_and_keeps_created_at_the_second_time()
    {
        var session = SandboxSessions.Named[0];
        var body = new { session_id = session, version = "v1.2", basis = "functions" };

        var first = await Functions.CallAsync(ScoreFc, body, Cancellation);
        Assert.Equal(200, first.Status);
        Assert.Equal(session.ToString(), first.Text("session_id"));
        Assert.Equal("v1.2", first.Text("version"));
        Assert.Equal("functions", first.Text("basis"));
        Assert.Equal(8, first.Body.GetProperty("scores").EnumerateObject().Count());
        Assert.Equal(first.Body.GetProperty("blocks_answered").GetInt32(), await fixture.ScalarAsync<int>(
            "SELECT blocks_answered FROM public.fc_scores WHERE session_id = $1 AND version = 'v1.2' AND fc_kind = 'functions'", session));

        var second = await Functions.CallAsync(ScoreFc, body, Cancellation);
        Assert.Equal(first.Body.ToString(), second.Body.ToString());
        Assert.True(await fixture.ScalarAsync<bool>("SELECT updated_at > created_at FROM public.fc_scores WHERE session_id = $1", session));
    }

    [Fact]
    public async Task Without_forced_choice_answers_it_says_so_and_writes_nothing()
    {
        var session = await fixture.ScalarAsync<Guid>(SandboxSessions.WithoutFcResponses);
        var reply = await Functions.CallAsync(ScoreFc, new { session_id = session, version = "v1.2", basis = "functions" }, Cancellation);

        Assert.Equal(200, reply.Status);
        Assert.Equal("0", reply.Text("blocks_answered"));
        Assert.Equal("no fc responses", reply.Text("info"));
        Assert.Equal(0L, await fixture.ScalarAsync<long>("SELECT count(*) FROM public.fc_scores WHERE session_id = $1", session));
    }

    [Fact]
    public async Task Scoring_a_profile_reads_the_scores_and_writes_all_its_tables()
    {
        var session = SandboxSessions.Named[2];
        await Functions.CallAsync(ScoreFc, new { session_id = session, version = "v1.2", basis = "functions" }, Cancellation);
        var reply = await Functions.CallAsync(ScorePrism, new { session_id = session, engine_version = "v1.2.1" }, Cancellation);

        Assert.Equal(200, reply.Status);
        Assert.Equal("success", reply.Text("status"));
        Assert.Equal(reply.Body.GetProperty("profile").GetProperty("type_code").GetString(), await fixture.ScalarAsync<string>(
            "SELECT type_code FROM public.profiles WHERE session_id = $1 AND results_version = 'v1.2.1'", session));
        Assert.True(await fixture.ScalarAsync<bool>(
            "SELECT p.payload -> 'fc_scores' = f.scores_json FROM public.profiles AS p JOIN public.fc_scores AS f USING (session_id) WHERE session_id = $1", session));
        Assert.Equal("1,3,8,3", await fixture.ScalarAsync<string>("""
            SELECT concat_ws(',',
                (SELECT count(*) FROM public.scoring_results WHERE session_id = $1),
                (SELECT count(*) FROM public.scoring_results_types WHERE session_id = $1),
                (SELECT count(*) FROM public.scoring_results_functions WHERE session_id = $1),
                (SELECT count(*) FROM public.scoring_results_state WHERE session_id = $1))
            """, session));
    }

    [Fact]
    public async Task A_profile_that_is_there_is_overwritten_and_may_be_dated_back()
    {
        // Ids whose last byte is divisible by three are dated back; see Scorer.
        var session = await fixture.ScalarAsync<Guid>($"""
            SELECT session_id FROM public.profiles
            WHERE session_id IN ({SandboxSessions.Candidates}) AND get_byte(uuid_send(session_id), 15) % 3 = 0 LIMIT 1
            """);
        await fixture.ScalarAsync<string>("UPDATE public.profiles SET type_code = 'XXX', results_version = 'v0' WHERE session_id = $1 RETURNING type_code", session);
        var before = await fixture.ScalarAsync<DateTime>("SELECT created_at FROM public.profiles WHERE session_id = $1", session);

        var reply = await Functions.CallAsync(ScorePrism, new { session_id = session, engine_version = "v1.2.1" }, Cancellation);

        Assert.Equal(200, reply.Status);
        Assert.Equal("v1.2.1", await fixture.ScalarAsync<string>("SELECT results_version FROM public.profiles WHERE session_id = $1 AND type_code <> 'XXX'", session));
        Assert.True(await fixture.ScalarAsync<DateTime>("SELECT created_at FROM public.profiles WHERE session_id = $1", session) < before);
    }

    [Fact]
    public async Task Without_answers_there_is_no_profile()
    {
        var session = await fixture.ScalarAsync<Guid>(SandboxSessions.WithoutResponses);
        var reply = await Functions.CallAsync(ScorePrism, new { session_id = session, engine_version = "v1.2.1" }, Cancellation);

        Assert.Equal(400, reply.Status);
        Assert.Equal("""{"status":"error","error":"no responses"}""", reply.Body.ToString());
        Assert.Null(reply.ErrorCode);
        Assert.Equal(0L, await fixture.ScalarAsync<long>("SELECT count(*) FROM public.profiles WHERE session_id = $1", session));
    }

    [Theory]
    [InlineData(ScoreFc, """{"error":"session_id required"}""")]
    [InlineData(ScorePrism, """{"status":"error","error":"session_id required"}""")]
    public async Task A_call_without_a_session_is_a_bad_request(string function, string expected)
    {
        foreach (var body in new object?[] { null, new { }, new { session_id = "" }, "[]" })
        {
            var reply = await Functions.CallAsync(function, body, Cancellation);
            Assert.Equal((400, expected), (reply.Status, reply.Body.ToString()));
        }
    }

    [Theory]
    [InlineData(ScoreFc, """{"session_id":"no uuid"}""")]
    [InlineData(ScorePrism, """{"session_id":"no uuid"}""")]
    [InlineData(ScorePrism, "{")]
    public async Task What_a_function_trips_over_is_a_500_of_its_own(string function, string body)
    {
        var reply = await Functions.CallAsync(function, body, Cancellation);
        Assert.Equal(500, reply.Status);
        Assert.NotEmpty(reply.Text("error")!);
        Assert.Equal(function == ScorePrism ? "error" : null, reply.Text("status"));
        Assert.Null(reply.ErrorCode);
    }

    [Fact]
    public async Task Only_the_service_role_key_opens_the_functions()
    {
        var service = Info.ServiceRoleKey;
        var forged = service[..^4] + "AAAA";
        (string? Bearer, string? ApiKey, int Status, string Code)[] cases =
        [
            (null, service, 401, "UNAUTHORIZED_NO_AUTH_HEADER"),
            ("nonsense", service, 401, "UNAUTHORIZED_INVALID_JWT_FORMAT"),
            (forged, forged, 401, "UNAUTHORIZED_LEGACY_JWT"),
            (service, null, 401, "UNAUTHORIZED_INVALID_API_KEY"),
            (Info.AnonKey, Info.AnonKey, 403, "FORBIDDEN"),
        ];
        foreach (var (bearer, apiKey, status, code) in cases)
        {
            var reply = await Functions.CallAsync(ScorePrism, new { session_id = Guid.Empty }, bearer, apiKey, [], Cancellation);
            Assert.Equal((status, code, code), (reply.Status, reply.ErrorCode, reply.Text("code")));
        }
    }

    [Fact]
    public async Task An_unknown_function_is_the_platforms_404()
    {
        var reply = await Functions.CallAsync("score_nothing", new { session_id = Guid.Empty }, Cancellation);
        Assert.Equal((404, "NOT_FOUND"), (reply.Status, reply.ErrorCode));
    }

    [Fact]
    public async Task The_REST_root_tells_a_good_key_from_a_bad_one_and_what_time_it_is()
    {
        using var http = new HttpClient();
        foreach (var (key, expected) in new[] { (Info.AnonKey, HttpStatusCode.OK), (Info.ServiceRoleKey, HttpStatusCode.OK), ("bad", HttpStatusCode.Unauthorized) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, Info.ApiUrl + "/rest/v1/") { Headers = { { "apikey", key } } };
            using var response = await http.SendAsync(request, Cancellation);
            Assert.Equal(expected, response.StatusCode);
            Assert.NotNull(response.Headers.Date);
        }
    }
}
