using Backfill.Engine.Ledger;

namespace Backfill.Engine.Tests.Rules.Ledger;

public class RunOutlookTests
{
    [Theory]
    [InlineData(100, 20, 0, 10, 5.0)]
    [InlineData(100, 20, 3, 59, 5.0)]
    [InlineData(100, 20, 50, 300, 10.0)]
    [InlineData(100, 20, 300, 300, 5.0)]
    public void The_rest_takes_as_long_as_the_pace_or_what_was_seen_whichever_is_slower(
        int remaining, int pace, int settled, double seconds, double minutes) =>
        Assert.Equal(minutes, RunOutlook.MinutesLeft(remaining, pace, settled, seconds)!.Value, 6);

    [Fact]
    public void Nothing_settled_for_long_has_no_end_in_sight() => Assert.Null(RunOutlook.MinutesLeft(100, 20, 0, 300));

    [Theory]
    // 10 at 2 a minute, 10 at 12, the rest at 20.
    [InlineData(40, 0, 5 + 10 / 12.0 + 20 / 20.0)]
    [InlineData(5, 0, 2.5)]
    [InlineData(10, 15, 5 / 12.0 + 5 / 20.0)]
    [InlineData(10, 20, 0.5)]
    public void On_a_ramp_the_rest_takes_as_long_as_its_steps(int remaining, int taken, double minutes) =>
        Assert.Equal(minutes, RunOutlook.RampMinutes(remaining, 20, new(default, 4, 0, 0, null, 2, 10, 10, taken)), 6);

    [Theory]
    [InlineData("Pace", 4, BackfillBottleneck.Pace)]
    [InlineData(null, 4, BackfillBottleneck.Concurrency)]
    [InlineData(null, 3, BackfillBottleneck.Functions)]
    [InlineData("QuietPeriod", 4, BackfillBottleneck.Functions)]
    [InlineData("SlowDatabase", 4, BackfillBottleneck.Database)]
    [InlineData("RetryAfter", 0, BackfillBottleneck.TargetAsked)]
    [InlineData("TargetUnreachable", 0, BackfillBottleneck.TargetAsked)]
    public void What_holds_a_run_back_follows_from_what_its_workers_wait_for(string? waitingFor, int inHand, BackfillBottleneck expected) =>
        Assert.Equal(expected, RunOutlook.Bottleneck(waitingFor, inHand, limit: 4));
}
