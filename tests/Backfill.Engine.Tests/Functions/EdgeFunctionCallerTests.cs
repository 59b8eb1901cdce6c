using System.Text.Json;
using Backfill.Engine.Apply.Call;
using static Backfill.Engine.Tests.Functions.CallerWorld;

namespace Backfill.Engine.Tests.Functions;

public class EdgeFunctionCallerTests
{
    [Fact]
    public async Task A_call_is_one_post_with_session_params_and_key()
    {
        await using var server = RawHttpServer.Answering(200, "{}");
        using var caller = Caller(server.Address);

        await caller.CallAsync(Call("""{"engine_version":"v1.2.1","weight":1.50}"""), TestContext.Current.CancellationToken);

        var request = Assert.Single(server.Requests);
        Assert.Equal("POST /functions/v1/score_fc_session HTTP/1.1", request.Line);
        Assert.Equal($$"""{"session_id":"{{Session}}","engine_version":"v1.2.1","weight":1.50}""", request.Body);
        Assert.Equal("application/json", request.Headers["Content-Type"]);
        Assert.Equal($"Bearer {Key}", request.Headers["Authorization"]);
        Assert.Equal(Key, request.Headers["apikey"]);
    }

    [Fact]
    public async Task A_call_can_be_traced()
    {
        await using var server = RawHttpServer.Answering(200, "{}");
        using var caller = Caller(server.Address);

        await caller.CallAsync(Call(), TestContext.Current.CancellationToken);
        await caller.CallAsync(Call() with { Attempt = 3 }, TestContext.Current.CancellationToken);

        Assert.Equal(
            $"run={Run}; session={Session}; operation=1/score_fc_session; attempt=2; fence=7", server.Requests[0].Headers["x-backfill-trace"]);
        Assert.Equal(server.Requests[0].Headers["Idempotency-Key"], server.Requests[1].Headers["Idempotency-Key"]);
    }

    [Fact]
    public async Task A_param_cannot_take_the_session_s_place()
    {
        await using var server = RawHttpServer.Answering(200, "{}");
        using var caller = Caller(server.Address);

        await caller.CallAsync(Call("""{"session_id":"other"}"""), TestContext.Current.CancellationToken);

        Assert.Equal($$"""{"session_id":"{{Session}}"}""", server.Requests[0].Body);
    }

    [Fact]
    public async Task An_answer_is_kept_without_scores_and_profile()
    {
        var reply = await ReplyAsync(RawHttpServer.Answering(
            200, """{"session_id":"s","version":"v1.2","basis":"functions","blocks_answered":0,"info":"no fc responses","scores":{"Ti":1},"profile":{"x":1},"status":{"a":1}}"""));

        Assert.Equal((200, ReplyFault.None, "no fc responses"), (reply.StatusCode, reply.Fault, reply.Message));
        Assert.Equal("""{"session_id":"s","version":"v1.2","basis":"functions","blocks_answered":0,"info":"no fc responses"}""", reply.Reduced);
        Assert.True(reply.Duration > TimeSpan.Zero);
    }

    [Theory]
    [InlineData(400, """{"status":"error","error":"no responses"}""", "no responses")]
    [InlineData(500, """{"error":{"message":"boom"}}""", "boom")]
    [InlineData(401, """{"message":"Invalid JWT"}""", "Invalid JWT")]
    [InlineData(503, "<html>down</html>", null)]
    [InlineData(500, "", null)]
    [InlineData(500, "[1]", null)]
    [InlineData(500, """{"error":"\ud800"}""", null)]
    public async Task A_status_and_its_words_are_kept(int status, string body, string? message)
    {
        var reply = await ReplyAsync(RawHttpServer.Answering(status, body, "sb-error-code: SOME_CODE"));

        Assert.Equal((status, message, "SOME_CODE", ReplyFault.None), (reply.StatusCode, reply.Message, reply.PlatformCode, reply.Fault));
    }

    [Fact]
    public async Task A_function_s_own_error_has_no_platform_code() =>
        Assert.Null((await ReplyAsync(RawHttpServer.Answering(404, "{}"))).PlatformCode);

    [Theory]
    [InlineData("7", 7)]
    [InlineData("0", 0)]
    [InlineData("86400", 3600)]
    [InlineData("Mon, 01 Jan 2001 00:00:00 GMT", 0)]
    [InlineData("soon", null)]
    [InlineData("-5", null)]
    public async Task The_pause_a_target_asks_for_is_kept(string header, int? seconds)
    {
        var reply = await ReplyAsync(RawHttpServer.Answering(429, "{}", $"Retry-After: {header}"));

        Assert.Equal(seconds is { } s ? TimeSpan.FromSeconds(s) : null, reply.RetryAfter);
    }

    [Fact]
    public async Task A_pause_may_be_given_as_a_date()
    {
        var reply = await ReplyAsync(RawHttpServer.Answering(429, "{}", $"Retry-After: {DateTimeOffset.UtcNow.AddMinutes(2):R}"));

        Assert.InRange(reply.RetryAfter!.Value, TimeSpan.FromSeconds(110), TimeSpan.FromSeconds(120));
    }

    [Fact]
    public async Task Words_are_kept_on_one_line_and_short()
    {
        var reply = await ReplyAsync(RawHttpServer.Answering(
            500, JsonSerializer.Serialize(new { error = "one\r\n\ttwo\u001b[31m\u202e" + new string('x', 400) })));

        Assert.StartsWith("one two [31m x", reply.Message, StringComparison.Ordinal);
        Assert.Equal(300, reply.Message!.Length);
    }

    [Theory]
    [InlineData($"bad key {Key} given")]
    [InlineData("eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoiYW5vbiJ9.abcdef is expired")]
    [InlineData("cannot reach postgresql://postgres:secret@db/postgres")]
    public async Task A_secret_that_an_answer_repeats_is_not_kept(string words)
    {
        var reply = await ReplyAsync(RawHttpServer.Answering(500, JsonSerializer.Serialize(new { error = words })));

        Assert.Contains("***", reply.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", $"{reply}", StringComparison.Ordinal);
        Assert.DoesNotContain("eyJ", $"{reply}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_profile_is_read_to_its_end_so_that_the_connection_serves_again()
    {
        var profile = JsonSerializer.Serialize(new { status = "success", profile = new string('p', 30_000) });
        await using var server = RawHttpServer.Answering(200, profile);
        using var caller = Caller(server.Address);

        for (var i = 0; i < 3; i++)
            Assert.Equal("""{"status":"success"}""", (await caller.CallAsync(Call(), TestContext.Current.CancellationToken)).Reduced);

        Assert.Equal((3, 1), (server.Requests.Count, server.Connections));
    }

    [Fact]
    public async Task An_answer_without_end_is_given_up_and_is_broken()
    {
        var reply = await ReplyAsync(new RawHttpServer(async exchange =>
        {
            await exchange.WriteAsync("HTTP/1.1 200 OK\r\n\r\n");
            while (true)
                await exchange.WriteAsync(new string('x', 64 * 1024));
        }));

        Assert.Equal((200, ReplyFault.Broken), (reply.StatusCode, reply.Fault));
        Assert.Contains("too long", reply.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using var elsewhere = RawHttpServer.Answering(200, "{}");

        var reply = await ReplyAsync(RawHttpServer.Answering(307, "", $"Location: {elsewhere.Address}"));

        Assert.Equal(307, reply.StatusCode);
        Assert.Empty(elsewhere.Requests);
    }

    [Fact]
    public async Task Warming_up_opens_connections_without_calling_a_function_or_showing_the_key()
    {
        var all = new TaskCompletionSource();
        var waiting = 0;
        await using var server = new RawHttpServer(async exchange =>
        {
            // Nobody is answered before all have come: each needs a connection of its own.
            if (Interlocked.Increment(ref waiting) == 4)
                all.SetResult();
            await all.Task;
            await exchange.AnswerAsync(404, "");
        });
        using var caller = Caller(server.Address);

        await caller.WarmUpAsync(4, TestContext.Current.CancellationToken);

        Assert.Equal(4, server.Connections);
        Assert.All(server.Requests, r => Assert.Equal("HEAD / HTTP/1.1", r.Line));
        Assert.All(server.Requests, r => Assert.DoesNotContain("Authorization", r.Headers.Keys));
    }
}
