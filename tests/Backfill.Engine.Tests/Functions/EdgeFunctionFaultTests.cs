using System.Net;
using System.Net.Sockets;
using Backfill.Engine.Apply.Call;
using Backfill.Engine.Connections.Settings;
using Microsoft.Extensions.Time.Testing;
using static Backfill.Engine.Tests.Functions.CallerWorld;

namespace Backfill.Engine.Tests.Functions;

public class EdgeFunctionFaultTests
{
    [Fact]
    public async Task A_refused_connection_is_not_sent() => AssertNotSent(await ReplyOfAsync(ClosedPort()));

    [Fact]
    public async Task An_unknown_host_is_not_sent() => AssertNotSent(await ReplyOfAsync(new Uri("http://nobody.invalid")));

    [Fact]
    public async Task A_server_without_tls_where_tls_is_wanted_is_not_sent()
    {
        await using var server = RawHttpServer.Answering(200, "{}");

        AssertNotSent(await ReplyOfAsync(new Uri($"https://127.0.0.1:{server.Address.Port}")));
    }

    [Fact]
    public async Task A_connection_reset_after_sending_is_a_reset() =>
        AssertFault(ReplyFault.Reset, await ReplyAsync(new RawHttpServer(exchange =>
        {
            exchange.Reset();
            return Task.CompletedTask;
        })));

    [Fact]
    public async Task A_kept_connection_that_breaks_under_the_next_call_is_a_reset_and_not_repeated()
    {
        var count = 0;
        await using var server = new RawHttpServer(async exchange =>
        {
            if (Interlocked.Increment(ref count) == 1)
                await exchange.AnswerAsync(200, "{}");
            else
                exchange.Reset();
        });
        using var caller = Caller(server.Address);

        await caller.CallAsync(Call(), TestContext.Current.CancellationToken);
        var reply = await caller.CallAsync(Call(), TestContext.Current.CancellationToken);

        AssertFault(ReplyFault.Reset, reply);
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_a_reset() =>
        AssertFault(ReplyFault.Reset, await ReplyAsync(new RawHttpServer(async exchange =>
        {
            await exchange.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"status\":");
            exchange.Reset();
        })));

    [Fact]
    public async Task An_answer_that_is_no_http_is_a_reset() =>
        AssertFault(ReplyFault.Reset, await ReplyAsync(new RawHttpServer(async exchange =>
        {
            await exchange.WriteAsync("hello?\r\n\r\n");
            exchange.Reset();
        })));

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")]
    public async Task No_answer_within_the_call_s_time_is_a_timeout(string beginning)
    {
        var time = new FakeTimeProvider();
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new RawHttpServer(async exchange =>
        {
            await exchange.WriteAsync(beginning);
            arrived.SetResult();
            await exchange.HangAsync();
        });
        using var caller = Caller(server.Address, time);

        var call = caller.CallAsync(Call(), TestContext.Current.CancellationToken);
        await arrived.Task;
        time.Advance(TimeSpan.FromSeconds(159));
        Assert.False(call.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(2));

        var reply = await call;
        AssertFault(ReplyFault.Timeout, reply);
        Assert.Equal(TimeSpan.FromSeconds(161), reply.Duration);
    }

    [Fact]
    public async Task Giving_a_call_up_is_an_answer_not_an_exception()
    {
        using var stop = new CancellationTokenSource();
        await using var server = new RawHttpServer(async exchange =>
        {
            await stop.CancelAsync();
            await exchange.HangAsync();
        });
        using var caller = Caller(server.Address);

        AssertFault(ReplyFault.Cancelled, await caller.CallAsync(Call(), stop.Token));
        AssertFault(ReplyFault.Cancelled, await caller.CallAsync(Call(), stop.Token));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Closing_the_caller_under_a_call_is_not_taken_for_not_sent()
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new RawHttpServer(exchange =>
        {
            arrived.SetResult();
            return exchange.HangAsync();
        });
        using var caller = Caller(server.Address);

        var call = caller.CallAsync(Call(), TestContext.Current.CancellationToken);
        await arrived.Task;
        caller.Dispose();

        Assert.True((await call).Fault is ReplyFault.Reset or ReplyFault.Timeout);
    }

    [Fact]
    public async Task Warming_up_against_nobody_is_no_error()
    {
        using var caller = Caller(ClosedPort());

        await caller.WarmUpAsync(3, TestContext.Current.CancellationToken);
    }

    private static async Task<FunctionReply> ReplyOfAsync(Uri api)
    {
        using var caller = Caller(api);
        return await caller.CallAsync(Call(), TestContext.Current.CancellationToken);
    }

    private static void AssertNotSent(FunctionReply reply) => AssertFault(ReplyFault.NotSent, reply);

    private static void AssertFault(ReplyFault fault, FunctionReply reply)
    {
        Assert.Equal((fault, null), (reply.Fault, reply.StatusCode));
        Assert.False(string.IsNullOrWhiteSpace(reply.Message));
        Assert.DoesNotContain(Key, reply.ToString(), StringComparison.Ordinal);
    }

    private static Uri ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
    }
}
