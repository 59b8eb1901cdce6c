using Backfill.Engine.Apply.Guard;
using FsCheck;
using FsCheck.Xunit;
using Microsoft.Extensions.Time.Testing;

namespace Backfill.Engine.Tests.Rules.Apply;

/// <summary>When the target's signals hold a run, when they let it go, and when they halt it.</summary>
public class GuardRulesTests
{
    private static readonly GuardLimit Limit = GuardSettings.Default.Limits[BackfillSignal.OldestTransaction];

    [Property(MaxTest = 300)]
    public void A_run_holds_at_the_limit_and_goes_on_after_two_readings_well_below_it(PositiveInt seed)
    {
        var random = new Random(seed.Get);
        var clock = new FakeTimeProvider();
        var (state, held, low) = (GuardState.Empty, false, 0);
        var changes = new List<DateTimeOffset>();
        for (var reading = 0; reading < 200; reading++)
        {
            // Around the limit, mostly: below the releasing value, between the two, and over the limit.
            var value = random.NextDouble() * 1.5 * Limit.Hold!.Value;
            var verdict = GuardRules.Judge(GuardSettings.Default, [new(BackfillSignal.OldestTransaction, value)], state);
            low = value <= Limit.Hold * GuardRules.Release || (value < Limit.Hold && !state.Holding.Contains(BackfillSignal.OldestTransaction)) ? low + 1 : 0;
            var expected = value >= Limit.Hold || (held && low < GuardRules.CalmReadings);
            Assert.Equal((expected, false), (verdict.State.IsHeld, verdict.Halts));
            Assert.Equal(expected, verdict.Reason is not null);
            if (expected != held)
                changes.Add(clock.GetUtcNow());
            (state, held) = (verdict.State, expected);
            clock.Advance(GuardStore.Every);
        }

        // A hold lasts two readings at the least: it can't flutter from one to the next.
        Assert.All(changes.Chunk(2).Where(c => c.Length == 2), c => Assert.True(c[1] - c[0] >= 2 * GuardStore.Every, $"{c[1] - c[0]}"));
    }

    [Property(MaxTest = 100)]
    public void A_value_that_stays_near_the_limit_changes_nothing(PositiveInt seed, bool held)
    {
        var random = new Random(seed.Get);
        var state = held ? Judge(Limit.Hold!.Value, GuardState.Empty).State : GuardState.Empty;
        for (var reading = 0; reading < 100; reading++)
        {
            state = Judge((GuardRules.Release + 0.01 + (random.NextDouble() * 0.18)) * Limit.Hold!.Value, state).State;
            Assert.Equal(held, state.IsHeld);
        }
    }

    [Fact]
    public void A_run_is_halted_only_when_two_readings_in_a_row_say_so()
    {
        var once = Judge(Limit.Halt!.Value, GuardState.Empty);
        Assert.Equal((true, false), (once.State.IsHeld, once.Halts));
        Assert.False(Judge(Limit.Halt.Value, Judge(Limit.Halt.Value - 1, once.State).State).Halts);
        var twice = Judge(Limit.Halt.Value, once.State);
        Assert.True(twice.Halts);
        Assert.Equal("a transaction that uses tables of the run is 3600 s old (limit 3600 s)", twice.Reason);
        // Resumed, it is judged afresh.
        Assert.Empty(twice.State.Halting);
    }

    [Fact]
    public void What_is_not_measured_or_switched_off_holds_nothing()
    {
        Assert.True(GuardSettings.TryParse("{\"oldest_transaction\": \"off\"}", takesQuery: true, out var off, out _));
        Assert.True(GuardSettings.TryParse("{\"enabled\": false}", takesQuery: false, out var none, out _));
        SignalValue[] bad = [new(BackfillSignal.OldestTransaction, 1e6)];
        Assert.False(GuardRules.Judge(off, bad, GuardState.Empty).State.IsHeld);
        Assert.False(GuardRules.Judge(none, bad, GuardState.Empty with { IsHeld = true }).State.IsHeld);
        Assert.False(GuardRules.Judge(GuardSettings.Default, [new(BackfillSignal.LockWaits, null, "why")], GuardState.Empty).State.IsHeld);
    }

    [Theory]
    [InlineData("{\"lock_waits\": {\"hold\": 5}}", 5, 50)]
    [InlineData("{\"lock_waits\": {\"hold\": 80}}", 80, null)]
    [InlineData("{\"lock_waits\": {\"hold\": \"off\", \"halt\": 9}}", null, 9)]
    [InlineData("{\"lock_waits\": \"off\"}", null, null)]
    [InlineData("{\"lock_waits\": null}", 1, 50)]
    public void An_order_changes_a_limit_and_leaves_the_others(string json, int? hold, int? halt)
    {
        Assert.True(GuardSettings.TryParse(json, takesQuery: false, out var settings, out var problem), problem);
        Assert.Equal(new(hold, halt), settings.Limits[BackfillSignal.LockWaits]);
        Assert.Equal(GuardSettings.Default.Limits[BackfillSignal.Connections], settings.Limits[BackfillSignal.Connections]);
    }

    [Theory]
    [InlineData("{}", "names no signal")]
    [InlineData("{\"query\": \"select true\"}", "Set it in the plan")]
    [InlineData("{\"lockwaits\": {}}", "'lockwaits' is no signal. Signals: ArchiveWaiting, Autovacuum")]
    [InlineData("{\"lock_waits\": 5}", "'LockWaits' must be \"off\", or an object with 'hold' and 'halt'.")]
    [InlineData("{\"lock_waits\": {\"hold\": \"5\"}}", "'LockWaits.hold' must be a number over 0, or \"off\".")]
    [InlineData("{\"lock_waits\": {\"stop\": 5}}", "'LockWaits.stop' is unknown: 'LockWaits' has 'hold' and 'halt'.")]
    [InlineData("{\"lock_waits\": {\"hold\": 5, \"halt\": 4}}", "'LockWaits.halt' is 4, below its 'hold' of 5.")]
    [InlineData("{\"connections\": {\"hold\": 90}}", "'Connections.hold' is a share, so it must be at most 1: 0.9 is 90 %.")]
    [InlineData("{\"function_errors\": {\"halt\": 1.5}}", "'FunctionErrors.halt' is a share")]
    public void An_order_that_means_nothing_is_refused(string json, string problem)
    {
        Assert.False(GuardSettings.TryParse(json, takesQuery: false, out _, out var said));
        Assert.Contains(problem, said, StringComparison.Ordinal);
    }

    private static GuardVerdict Judge(double value, GuardState state) =>
        GuardRules.Judge(GuardSettings.Default, [new(BackfillSignal.OldestTransaction, value)], state);
}
