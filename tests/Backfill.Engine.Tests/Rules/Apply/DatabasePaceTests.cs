using Backfill.Engine.Apply.Claim;
using Microsoft.Extensions.Time.Testing;

namespace Backfill.Engine.Tests.Rules.Apply;

public class DatabasePaceTests
{
    private static readonly TimeSpan Spacing = TimeSpan.FromSeconds(3);

    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void Five_missed_slots_in_a_row_are_told_once_and_again_after_a_slot_was_met()
    {
        var pace = new DatabasePace(_clock);
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
        var pace = new DatabasePace(_clock);
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
        var pace = new DatabasePace(_clock);
        Answer(pace, 5, 0.004, 5);
        Assert.Equal(TimeSpan.Zero, pace.Ahead);
        Answer(pace, 4, 5);
        Assert.Equal(TimeSpan.Zero, pace.Ahead);
        Answer(pace, 5, 5);
        Assert.Equal((TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(5)), (pace.RoundTrip, pace.Ahead));
    }

    [Fact]
    public void Answers_that_one_stall_held_up_together_count_once()
    {
        var pace = new DatabasePace(_clock);
        Answer(pace, 0.004, 0.004, 0.004, 0.004, 0.004);
        var asked = Enumerable.Range(0, 8).Select(_ => _clock.GetTimestamp()).ToList();
        _clock.Advance(TimeSpan.FromSeconds(5));
        asked.ForEach(pace.Answered);
        Assert.Equal((TimeSpan.FromSeconds(5), TimeSpan.Zero), (pace.Last, pace.Ahead));
    }

    /// <summary>Answers that take so many seconds, one after the other.</summary>
    private void Answer(DatabasePace pace, params double[] seconds)
    {
        foreach (var taken in seconds)
        {
            var asked = _clock.GetTimestamp();
            _clock.Advance(TimeSpan.FromSeconds(taken));
            pace.Answered(asked);
        }
    }

    private static bool Miss(DatabasePace pace)
    {
        pace.Slot(isMet: false);
        return pace.IsNews();
    }
}
