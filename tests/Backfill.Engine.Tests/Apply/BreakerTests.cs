using Backfill.Engine.Apply;
using Backfill.Engine.Ledger;
using Backfill.Engine.Tests.Sandbox;

namespace Backfill.Engine.Tests.Apply;

/// <summary>A target that is broken for everybody is not called on and on.</summary>
[Collection(ApplyCollection.Name)]
public sealed class BreakerTests(RunWorld world)
{
    private static readonly RunSettings Guarded = RunWorld.Quick with { ConcurrencyLimit = 4, Breaker = ApplyDefaults.Breaker };

    [Theory]
    [InlineData(546, null)]
    [InlineData(504, null)]
    [InlineData(500, null)]
    [InlineData(400, null)]
    [InlineData(503, "BOOT_ERROR")]
    public async Task Ten_attempts_in_a_row_that_did_not_go_well_halt_the_run(int status, string? code)
    {
        var run = await RunAsync(new(SandboxFaultKind.Status) { StatusCode = status, ErrorCode = code });
        var halted = await run.ReadAsync();
        Assert.Equal((BackfillRunState.Halted, 0), (halted.State, halted.Succeeded));
        Assert.Contains("10 attempts in a row", halted.Reason, StringComparison.Ordinal);
        // The ten, and those in hand.
        Assert.InRange((await run.CallsAsync()).Count, 10, 14);
    }

    [Fact]
    public async Task Ambiguous_answers_halt_the_run_before_any_session_is_settled()
    {
        var run = await RunAsync(new(SandboxFaultKind.Reset));
        var halted = await run.ReadAsync();
        Assert.Equal((BackfillRunState.Halted, 40), (halted.State, halted.Remaining));
    }

    [Theory]
    [InlineData("score_fc_session")]
    [InlineData("score_prism")]
    public async Task Successes_without_effect_halt_the_run(string function)
    {
        var run = await RunAsync(new(SandboxFaultKind.NoWrite) { Function = function });
        var halted = await run.ReadAsync();
        Assert.Equal((BackfillRunState.Halted, 0), (halted.State, halted.Succeeded));
        Assert.InRange((await run.CallsAsync()).Count(c => c.Function == function), 10, 14);
    }

    [Fact]
    public async Task One_attempt_that_goes_well_begins_the_count_again()
    {
        await world.FreshAsync();
        var run = await world.FrozenAsync(18, Guarded with { ConcurrencyLimit = 1, Breaker = new(3, 1, 50) });
        // Two refusals, then a success, and so on.
        await world.SetAsync(new SandboxFault(SandboxFaultKind.Status)
        {
            StatusCode = 400, SessionIds = [.. run.Sessions.Where((_, i) => i % 3 < 2)],
        });
        var end = await run.ApplyAsync();
        Assert.Equal((BackfillRunState.Completed, 12, 6), (end.Run.State, end.Run.Failed, end.Run.Succeeded));
    }

    [Theory]
    [InlineData(402, null, "restricted")]
    [InlineData(540, null, "paused")]
    [InlineData(404, "NOT_FOUND", "not deployed")]
    [InlineData(401, null, "key")]
    [InlineData(403, null, "key")]
    public async Task What_no_session_can_get_past_halts_the_run_at_once_with_a_remedy(int status, string? code, string meaning)
    {
        var run = await RunAsync(new(SandboxFaultKind.Status) { StatusCode = status, ErrorCode = code });
        var halted = await run.ReadAsync();
        Assert.Equal((BackfillRunState.Halted, 40), (halted.State, halted.Remaining));
        Assert.Contains(meaning, halted.Reason, StringComparison.Ordinal);
        Assert.EndsWith("Then resume the run.", halted.Reason, StringComparison.Ordinal);
        Assert.InRange((await run.CallsAsync()).Count, 1, 4);
    }

    private async Task<TestRun> RunAsync(SandboxFault fault)
    {
        await world.FreshAsync();
        await world.SetAsync(fault);
        var run = await world.FrozenAsync(40, Guarded);
        await run.ApplyAsync();
        return run;
    }
}
