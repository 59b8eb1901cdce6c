using System.Net;

namespace Backfill.Engine.Tests.Sandbox;

/// <summary>Which calls a fault hits.</summary>
public sealed class SandboxFaultRuleTests(FaultWorld world) : IClassFixture<FaultWorld>
{
    private static readonly SandboxFault Unavailable = new(SandboxFaultKind.Status) { StatusCode = 503 };
    private static readonly Guid[] Two = FaultWorld.Strangers(2);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private SandboxControl Control => world.Sandbox.Control;

    [Fact]
    public async Task Without_a_fault_none_is_logged()
    {
        await world.OnlyAsync();
        await world.ScoreFcAsync(SandboxSessions.Named[0]);
        var call = await world.CallAsync();
        Assert.Equal((null, null, "written"), (call.Fault, call.FaultId, call.Outcome));
        Assert.InRange(call.CommittedTickUs!.Value, call.ArrivedTickUs, call.ArrivedTickUs + (long)(call.DurationMs!.Value * 1000) + 1);
    }

    [Fact]
    public async Task It_keeps_to_its_function()
    {
        await world.OnlyAsync(Unavailable with { Function = FaultWorld.ScorePrism });
        Assert.NotEqual(503, (await world.ScoreFcAsync(Two[0])).Status);
        Assert.Equal(503, (await world.ScorePrismAsync(Two[0])).Status);
    }

    [Fact]
    public async Task It_keeps_to_its_sessions()
    {
        await world.OnlyAsync(Unavailable with { SessionIds = [Two[0]] });
        Assert.Equal([503, 200], await StatusesAsync(Two[0], Two[1]));
        Assert.Equal(400, (await world.Sandbox.Functions.CallAsync(FaultWorld.ScoreFc, new { }, Cancellation)).Status);
    }

    [Fact]
    public async Task It_hits_no_more_than_its_count()
    {
        await world.OnlyAsync(Unavailable with { Count = 2 });
        Assert.Equal([503, 503, 200], await StatusesAsync(Two[0], Two[1], Two[0]));
        Assert.Equal(2, Assert.Single(await Control.FaultsAsync(Cancellation)).Fired);
    }

    [Fact]
    public async Task It_hits_no_session_more_often_than_told()
    {
        await world.OnlyAsync(Unavailable with { PerSession = 1 });
        Assert.Equal([503, 503, 200, 200], await StatusesAsync(Two[0], Two[1], Two[0], Two[1]));
    }

    [Fact]
    public async Task Of_many_calls_at_once_it_hits_no_more_than_its_count()
    {
        await world.OnlyAsync(Unavailable with { Count = 10 });
        var replies = await Task.WhenAll(FaultWorld.Strangers(60).Select(session => world.ScoreFcAsync(session)));
        Assert.Equal(10, replies.Count(reply => reply.Status == 503));
    }

    [Fact]
    public async Task The_first_one_that_hits_is_the_only_one()
    {
        await world.OnlyAsync(Unavailable with { Count = 1 }, Unavailable with { StatusCode = 429 });
        Assert.Equal([503, 429], await StatusesAsync(Two[0], Two[0]));
        Assert.Equal([1, 1], (await Control.FaultsAsync(Cancellation)).Select(fault => fault.Fired));
    }

    [Fact]
    public async Task The_same_rate_hits_the_same_sessions_again_in_whatever_order_they_call()
    {
        var sessions = FaultWorld.Strangers(400);
        await world.OnlyAsync(Unavailable with { Rate = 0.1 });
        var first = await HitAsync(sessions);

        await world.OnlyAsync(Unavailable with { Rate = 0.1 });
        var second = await HitAsync([.. sessions.Reverse()]);

        Assert.InRange(first.Count, 25, 60);
        Assert.Equal(first.Order(), second.Order());
    }

    [Fact]
    public async Task Each_call_of_a_session_is_drawn_anew_and_so_is_each_fault()
    {
        var sessions = FaultWorld.Strangers(200);
        await world.OnlyAsync(Unavailable with { Rate = 0.5 });
        var first = await HitAsync(sessions);
        var again = await HitAsync(sessions);
        Assert.InRange(first.Intersect(again).Count(), 30, 70);

        await world.OnlyAsync(Unavailable with { Rate = 0 }, Unavailable with { Rate = 0.5 });
        Assert.InRange(first.Intersect(await HitAsync(sessions)).Count(), 30, 70);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 50)]
    public async Task A_rate_of_nothing_hits_none_and_a_rate_of_one_all(double rate, int expected)
    {
        await world.OnlyAsync(Unavailable with { Rate = rate });
        Assert.Equal(expected, (await HitAsync(FaultWorld.Strangers(50))).Count);
    }

    [Fact]
    public async Task One_can_be_cleared_and_so_can_all()
    {
        await world.OnlyAsync(Unavailable with { StatusCode = 429 });
        var second = await Control.SetFaultAsync(Unavailable, Cancellation);
        await Control.ClearFaultsAsync((await Control.FaultsAsync(Cancellation))[0].Id, Cancellation);
        Assert.Equal((503, second), ((await world.ScoreFcAsync(Two[0])).Status, (await world.CallAsync()).FaultId));

        await Control.ClearFaultsAsync(cancellation: Cancellation);
        Assert.Equal(200, (await world.ScoreFcAsync(Two[0])).Status);
        Assert.Empty(await Control.FaultsAsync(Cancellation));
    }

    [Fact]
    public async Task A_fault_that_makes_no_sense_is_refused_with_the_reason()
    {
        await world.OnlyAsync();
        (SandboxFault Fault, string Reason)[] cases =
        [
            (Unavailable with { Function = "score_prison" }, "score_fc_session, score_prism"),
            (Unavailable with { SessionIds = [] }, "session_ids"),
            (Unavailable with { Rate = 1.5 }, "rate"),
            (Unavailable with { Count = 0 }, "count"),
            (Unavailable with { PerSession = 0 }, "per_session"),
            (Unavailable with { StatusCode = 99 }, "status_code"),
            (Unavailable with { StatusCode = 0 }, "reset"),
            (new(SandboxFaultKind.LateCommit) { StatusCode = 0 }, "reset"),
            (Unavailable with { AfterTables = 1 }, "after_tables is for PartialCommit"),
            (new(SandboxFaultKind.PartialCommit) { AfterTables = -1 }, "after_tables"),
            (new(SandboxFaultKind.PartialCommit) { AfterTables = 6 }, "after_tables"),
            (new(SandboxFaultKind.Unreachable) { Function = FaultWorld.ScorePrism }, "the whole API"),
            (new(SandboxFaultKind.Unreachable) { SessionIds = [Two[0]] }, "the whole API"),
            (new(SandboxFaultKind.Unreachable) { Rate = 0.5 }, "the whole API"),
            (new(SandboxFaultKind.Unreachable) { Count = 1 }, "the whole API"),
            (new(SandboxFaultKind.Unreachable) { PerSession = 1 }, "the whole API"),
            (Unavailable with { Delay = TimeSpan.FromMilliseconds(-1) }, "delay_ms"),
            (Unavailable with { RetryAfter = -1 }, "retry_after_s"),
            (Unavailable with { ErrorCode = "no\r\nheader" }, "error_code"),
        ];
        foreach (var (fault, reason) in cases)
        {
            var error = await Assert.ThrowsAsync<HttpRequestException>(() => Control.SetFaultAsync(fault, Cancellation));
            Assert.Equal(HttpStatusCode.BadRequest, error.StatusCode);
            Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        }

        Assert.Empty(await Control.FaultsAsync(Cancellation));
    }

    private async Task<List<int>> StatusesAsync(params Guid[] sessions)
    {
        var statuses = new List<int>();
        foreach (var session in sessions) statuses.Add((await world.ScoreFcAsync(session)).Status);
        return statuses;
    }

    private async Task<IReadOnlyCollection<Guid>> HitAsync(Guid[] sessions)
    {
        var replies = await Task.WhenAll(sessions.Select(async session => (Session: session, (await world.ScoreFcAsync(session)).Status)));
        return [.. replies.Where(reply => reply.Status == 503).Select(reply => reply.Session)];
    }
}
