using System.Net.Sockets;

namespace Backfill.Engine.Tests.Sandbox;

public sealed class SandboxFaultTests(FaultWorld world) : IClassFixture<FaultWorld>
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(300);

    [Fact]
    public async Task Latency_answers_as_always_but_late()
    {
        var session = SandboxSessions.Named[0];
        await world.OnlyAsync(new SandboxFault(SandboxFaultKind.Latency) { Delay = Moment });

        var reply = await world.ScoreFcAsync(session);

        var call = await world.CallAsync();
        Assert.Equal((200, "written", "Latency"), (reply.Status, call.Outcome, call.Fault));
        Assert.True(call.DurationMs >= Moment.TotalMilliseconds);
        Assert.Equal("v1.2", await world.ScoresOfAsync(session));
    }

    [Theory]
    [InlineData(402, null, null, "PROJECT_RESTRICTED")]
    [InlineData(429, null, 7, "RATE_LIMITED")]
    [InlineData(503, null, null, "BOOT_ERROR")]
    [InlineData(504, null, null, "IDLE_TIMEOUT")]
    [InlineData(540, null, null, "PROJECT_PAUSED")]
    [InlineData(546, null, null, "WORKER_LIMIT")]
    [InlineData(500, null, null, null)]
    [InlineData(500, "EDGE_FUNCTION_ERROR", 1, "EDGE_FUNCTION_ERROR")]
    public async Task Status_answers_in_the_functions_place(int status, string? given, int? retryAfter, string? errorCode)
    {
        var session = SandboxSessions.Named[1];
        await world.OnlyAsync(new SandboxFault(SandboxFaultKind.Status) { StatusCode = status, ErrorCode = given, RetryAfter = retryAfter });

        var reply = await world.ScoreFcAsync(session);

        Assert.Equal((status, errorCode, (double?)retryAfter), (reply.Status, reply.ErrorCode, reply.RetryAfter?.TotalSeconds));
        Assert.Equal(errorCode, reply.Text("code"));
        var call = await world.CallAsync();
        Assert.Equal((status, "not_run", "Status"), (call.Status, call.Outcome, call.Fault));
        Assert.Null(call.CommittedAt);
        Assert.Equal("", await world.ScoresOfAsync(session));
    }

    [Fact]
    public async Task Reset_is_a_reset_and_runs_nothing()
    {
        var session = SandboxSessions.Named[1];
        await world.OnlyAsync(new SandboxFault(SandboxFaultKind.Reset));

        await AssertResetAsync(session);

        var call = await world.CallAsync();
        Assert.Equal((null, "not_run", "Reset"), (call.Status, call.Outcome, call.Fault));
        Assert.Equal("", await world.ScoresOfAsync(session));
    }

    [Fact]
    public async Task Hang_never_answers_and_ends_when_the_caller_goes()
    {
        var session = SandboxSessions.Named[1];
        await world.OnlyAsync(new SandboxFault(SandboxFaultKind.Hang) { Delay = TimeSpan.Zero });
        using var patience = new CancellationTokenSource();

        var hanging = world.ScoreFcAsync(session, patience.Token);
        var call = await world.CallOnceAsync(call => call.Fault is not null);
        Assert.Equal((null, null, "Hang"), (call.Status, call.Outcome, call.Fault));
        Assert.False(hanging.IsCompleted);

        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hanging);
        call = await world.CallOnceAsync(call => call.Outcome is not null);
        Assert.Equal((null, "not_run"), (call.Status, call.Outcome));
        Assert.Equal("", await world.ScoresOfAsync(session));
    }

    [Fact]
    public async Task Commit_then_timeout_has_written_when_it_answers_504()
    {
        var session = SandboxSessions.Named[2];
        await world.OnlyAsync(new SandboxFault(SandboxFaultKind.CommitThenTimeout) { StatusCode = 504, Delay = Moment });

        var reply = await world.ScoreFcAsync(session);

        Assert.Equal("v1.2", await world.ScoresOfAsync(session));
        Assert.Equal((504, "IDLE_TIMEOUT"), (reply.Status, reply.ErrorCode));
        var call = await world.CallAsync();
        Assert.Equal((504, "written", "CommitThenTimeout"), (call.Status, call.Outcome, call.Fault));
        // Before the delay, not after it; half of it is for a timer that comes early, and for whole milliseconds.
        Assert.InRange(call.CommittedTickUs!.Value, call.ArrivedTickUs, call.ArrivedTickUs + (long)((call.DurationMs!.Value - (Moment.TotalMilliseconds / 2)) * 1000));
        Assert.InRange(call.CommittedAt!.Value, call.ArrivedAt, DateTimeOffset.UtcNow);
    }

    [Theory]
    [InlineData(null, 3)]
    [InlineData(0, 4)]
    public async Task Commit_then_timeout_has_written_when_it_resets(int? status, int named)
    {
        var session = SandboxSessions.Named[named];
        await world.OnlyAsync(new SandboxFault(SandboxFaultKind.CommitThenTimeout) { StatusCode = status });

        await AssertResetAsync(session);

        Assert.Equal("v1.2", await world.ScoresOfAsync(session));
        var call = await world.CallAsync();
        Assert.Equal((null, "written", "CommitThenTimeout"), (call.Status, call.Outcome, call.Fault));
    }

    [Fact]
    public async Task Late_commit_answers_504_and_writes_afterwards()
    {
        var session = SandboxSessions.Named[5];
        await world.OnlyAsync(new SandboxFault(SandboxFaultKind.LateCommit) { Delay = TimeSpan.FromSeconds(1) });

        var reply = await world.ScoreFcAsync(session);

        Assert.Equal("", await world.ScoresOfAsync(session));
        Assert.Equal((504, "IDLE_TIMEOUT"), (reply.Status, reply.ErrorCode));
        var call = await world.CallAsync();
        Assert.Equal((504, "pending", null), (call.Status, call.Outcome, call.CommittedAt));

        var late = await world.CallOnceAsync(call => call.Outcome != "pending");
        Assert.Equal("v1.2", await world.ScoresOfAsync(session));
        Assert.Equal((504, "written", "LateCommit"), (late.Status, late.Outcome, late.Fault));
        Assert.Equal(call.DurationMs, late.DurationMs);
        Assert.True(late.CommittedTickUs - call.ArrivedTickUs >= 1_000_000);
    }

    [Fact]
    public async Task A_late_commit_does_not_hold_up_the_next_call_on_its_connection()
    {
        await world.OnlyAsync(new SandboxFault(SandboxFaultKind.LateCommit) { Delay = TimeSpan.FromHours(1), Count = 1 });
        var session = SandboxSessions.Named[0];
        Assert.Equal(504, (await world.ScoreFcAsync(session)).Status);
        Assert.Equal(200, (await world.ScoreFcAsync(session).WaitAsync(TimeSpan.FromSeconds(10))).Status);
    }

    private async Task AssertResetAsync(Guid session)
    {
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => world.ScoreFcAsync(session));
        var socket = Assert.IsType<SocketException>(error.GetBaseException());
        Assert.Equal(SocketError.ConnectionReset, socket.SocketErrorCode);
    }
}
