using Backfill.Engine.Apply.Claim;

namespace Backfill.Engine.Tests.Rules.Apply;

public class DatabasePaceTests
{
    private static readonly TimeSpan Spacing = TimeSpan.FromSeconds(3);

    [Fact]
    public void Five_missed_slots_in_a_row_are_told_once_and_again_after_a_slot_was_met()
    {
        var pace = new DatabasePace();
        Assert.Equal([false, false, false, false, true, false], Enumerable.Range(0, 6).Select(_ => Miss(pace)));
        Assert.True(pace.IsSlow);
        pace.Slot(isMet: true);
        Assert.False(pace.IsSlow);
        Assert.False(pace.IsNews());
        Assert.Equal([false, false, false, false, true], Enumerable.Range(0, 5).Select(_ => Miss(pace)));
    }

    [Fact]
    public void Five_rounds_that_take_longer_than_the_pace_gives_for_them_are_slow()
    {
        var pace = new DatabasePace();
        for (var i = 0; i < 5; i++)
        {
            Assert.False(pace.IsSlow);
            pace.Round(TimeSpan.FromSeconds(4), Spacing);
        }

        Assert.True(pace.IsSlow);
        pace.Round(TimeSpan.FromSeconds(2), Spacing);
        Assert.False(pace.IsSlow);
    }

    [Fact]
    public void A_slot_is_taken_further_ahead_only_where_every_answer_is_slow()
    {
        var pace = new DatabasePace();
        pace.Answered(TimeSpan.FromSeconds(5));
        pace.Answered(TimeSpan.FromMilliseconds(4));
        pace.Answered(TimeSpan.FromSeconds(5));
        Assert.Equal(TimeSpan.Zero, pace.Ahead);
        pace.Answered(TimeSpan.FromSeconds(4));
        pace.Answered(TimeSpan.FromSeconds(5));
        Assert.Equal(TimeSpan.Zero, pace.Ahead);
        pace.Answered(TimeSpan.FromSeconds(5));
        pace.Answered(TimeSpan.FromSeconds(5));
        Assert.Equal((TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(5)), (pace.RoundTrip, pace.Ahead));
    }

    private static bool Miss(DatabasePace pace)
    {
        pace.Slot(isMet: false);
        return pace.IsNews();
    }
}
