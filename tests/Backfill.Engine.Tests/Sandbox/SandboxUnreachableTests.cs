using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using Backfill.Engine.Connections.Settings;

namespace Backfill.Engine.Tests.Sandbox;

public sealed class SandboxUnreachableTests(FaultWorld world) : IClassFixture<FaultWorld>
{
    private static readonly Guid Session = SandboxSessions.Named[0];
    private static readonly SandboxFault Unreachable = new(SandboxFaultKind.Unreachable);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private SandboxControl Control => world.Sandbox.Control;

    [Fact]
    public async Task It_refuses_every_connection_until_it_is_cleared_and_then_answers_at_the_same_address()
    {
        await world.OnlyAsync();
        // Leaves a connection behind, which the next call would use.
        Assert.Equal(200, (await world.ScoreFcAsync(Session)).Status);
        await world.OnlyAsync(Unreachable);

        await AssertRefusedAsync(() => world.ScoreFcAsync(Session));
        await AssertRefusedAsync(() => RestAsync(HttpMethod.Get));
        await AssertRefusedAsync(() => RestAsync(HttpMethod.Head));
        using (var socket = new Socket(SocketType.Stream, ProtocolType.Tcp))
        {
            var error = await Assert.ThrowsAnyAsync<SocketException>(() => socket.ConnectAsync(IPAddress.Loopback, new Uri(world.Sandbox.Info.ApiUrl).Port));
            Assert.Equal(SocketError.ConnectionRefused, error.SocketErrorCode);
        }

        Assert.Empty(await Control.CallsAsync(cancellation: Cancellation));
        Assert.Equal((SandboxFaultKind.Unreachable, 0), (await Control.FaultsAsync(Cancellation)).Select(fault => (fault.Kind, fault.Fired)).Single());

        await Control.ClearFaultsAsync(cancellation: Cancellation);
        Assert.Equal(200, (await world.ScoreFcAsync(Session)).Status);
        Assert.Equal(HttpStatusCode.OK, await RestAsync(HttpMethod.Head));
    }

    [Fact]
    public async Task With_a_delay_it_ends_by_itself()
    {
        await world.OnlyAsync(Unreachable with { Delay = TimeSpan.FromMilliseconds(500) });
        await AssertRefusedAsync(() => world.ScoreFcAsync(Session));

        Assert.Empty(await Patiently.AskAsync(() => Control.FaultsAsync(Cancellation), faults => faults.Count == 0));
        Assert.Equal(200, (await Patiently.AskAsync(ScoreAsync, reply => reply is not null))!.Status);
    }

    [Fact]
    public async Task It_lasts_while_one_of_several_is_set_and_other_faults_stay()
    {
        await world.OnlyAsync(Unreachable, new SandboxFault(SandboxFaultKind.Status) { StatusCode = 540 });
        var second = await Control.SetFaultAsync(Unreachable, Cancellation);
        await Control.ClearFaultsAsync((await Control.FaultsAsync(Cancellation))[0].Id, Cancellation);
        await AssertRefusedAsync(() => world.ScoreFcAsync(Session));

        await Control.ClearFaultsAsync(second, Cancellation);
        Assert.Equal(540, (await world.ScoreFcAsync(Session)).Status);
    }

    [Fact]
    public async Task A_call_in_flight_loses_its_answer_and_is_still_written()
    {
        var session = SandboxSessions.Named[1];
        await world.OnlyAsync(new SandboxFault(SandboxFaultKind.Latency));
        var call = world.ScoreFcAsync(session);
        await world.CallOnceAsync(call => call.Fault is not null);

        await Control.SetFaultAsync(Unreachable, Cancellation);

        await Assert.ThrowsAsync<HttpRequestException>(() => call);
        await world.CallOnceAsync(call => call.CommittedAt is not null);
        Assert.Equal("v1.2", await world.ScoresOfAsync(session));
    }

    [Fact]
    public async Task What_a_call_writes_late_comes_all_the_same()
    {
        var session = SandboxSessions.Named[2];
        await world.OnlyAsync(new SandboxFault(SandboxFaultKind.LateCommit));
        await world.ScoreFcAsync(session);

        await Control.SetFaultAsync(Unreachable, Cancellation);

        Assert.Equal("written", (await world.CallOnceAsync(call => call.Outcome != "pending")).Outcome);
        Assert.Equal("v1.2", await world.ScoresOfAsync(session));
    }

    [Fact]
    public async Task It_can_come_and_go_many_times()
    {
        for (var i = 0; i < 20; i++)
        {
            await world.OnlyAsync(Unreachable);
            await AssertRefusedAsync(() => world.ScoreFcAsync(Session));
            await world.OnlyAsync();
            Assert.Equal(200, (await world.ScoreFcAsync(Session)).Status);
        }
    }

    [Fact]
    public async Task At_the_apis_own_address_it_is_refused()
    {
        await world.OnlyAsync();
        using var http = new HttpClient { DefaultRequestHeaders = { { "x-sandbox-key", world.Sandbox.Info.ControlKey } } };

        using var response = await http.PostAsJsonAsync(world.Sandbox.Info.ApiUrl + "/sandbox/v1/faults", Unreachable, SandboxFault.Json, Cancellation);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("control_url", await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.Equal(200, (await world.ScoreFcAsync(Session)).Status);
    }

    [Fact]
    public async Task A_sandbox_ends_while_its_api_is_unreachable()
    {
        await using var sandbox = await SandboxProcess.StartAsync();
        await sandbox.Control.SetFaultAsync(Unreachable with { Delay = TimeSpan.FromHours(1) }, Cancellation);

        await sandbox.StopAsync();

        Assert.Equal(0, sandbox.ExitCode);
        Assert.False(Directory.Exists(sandbox.Info.DataPath));
    }

    private static async Task AssertRefusedAsync(Func<Task> call)
    {
        var error = await Assert.ThrowsAsync<HttpRequestException>(call);
        Assert.Equal(SocketError.ConnectionRefused, Assert.IsType<SocketException>(error.GetBaseException()).SocketErrorCode);
    }

    private async Task<HttpStatusCode> RestAsync(HttpMethod method)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(method, world.Sandbox.Info.ApiUrl + "/rest/v1/") { Headers = { { "apikey", world.Sandbox.Info.AnonKey } } };
        using var response = await http.SendAsync(request, Cancellation);
        return response.StatusCode;
    }

    /// <summary>Null: it was refused.</summary>
    private async Task<FunctionReply?> ScoreAsync()
    {
        try
        {
            return await world.ScoreFcAsync(Session);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
