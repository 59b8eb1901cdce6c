using System.Net;

namespace Backfill.Engine.Tests.Sandbox;

public sealed class SandboxCallLogTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_call_is_logged_with_its_arrival_and_its_outcome()
    {
        var (control, functions, info) = (fixture.Sandbox.Control, fixture.Sandbox.Functions, fixture.Sandbox.Info);
        await control.ClearCallsAsync(Cancellation);
        var before = DateTimeOffset.UtcNow;

        await functions.CallAsync(
            "score_fc_session", new { session_id = SandboxSessions.Named[1], version = "v1.2", basis = "functions" },
            info.ServiceRoleKey, info.ServiceRoleKey, [("X-Backfill-Run", "r1"), ("Idempotency-Key", "k1"), ("X-Other", "no")], Cancellation);
        await functions.CallAsync("score_prism", new { session_id = Guid.Empty }, null, null, [], Cancellation);
        await functions.CallAsync("score_nothing", null, Cancellation);

        var calls = await control.CallsAsync(cancellation: Cancellation);
        Assert.Equal(["written", "refused", "unknown_function"], calls.Select(call => call.Outcome!));
        Assert.Equal([200, 401, 404], calls.Select(call => call.Status!.Value));
        Assert.Equal(calls.Select(call => call.Sequence), calls.Select(call => call.Sequence).Order());
        Assert.Equal(calls.Select(call => call.ArrivedTickUs), calls.Select(call => call.ArrivedTickUs).Order());

        var first = calls[0];
        Assert.Equal("score_fc_session", first.Function);
        Assert.Equal("POST", first.Method);
        Assert.Equal(SandboxSessions.Named[1].ToString(), first.SessionId);
        Assert.Equal("v1.2", first.Params!["version"].GetString());
        Assert.Equal(["idempotency-key", "x-backfill-run"], first.Headers.Keys.Order());
        Assert.InRange(first.ArrivedAt, before, DateTimeOffset.UtcNow);
        Assert.True(first.DurationMs > 0);

        Assert.Equal(calls.Skip(2).Select(call => call.Sequence), (await control.CallsAsync(calls[1].Sequence, Cancellation)).Select(call => call.Sequence));
    }

    [Fact]
    public async Task The_control_plane_wants_its_own_key()
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, fixture.Sandbox.Info.ApiUrl + "/sandbox/v1/calls")
        {
            Headers = { { "x-sandbox-key", fixture.Sandbox.Info.ServiceRoleKey } },
        };
        using var response = await http.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);

        var info = await fixture.Sandbox.Control.InfoAsync(Cancellation);
        Assert.Equal(fixture.Sandbox.Info.ProjectRef, info.GetProperty("project_ref").GetString());
    }
}
