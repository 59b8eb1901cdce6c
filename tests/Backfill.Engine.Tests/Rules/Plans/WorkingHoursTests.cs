using Backfill.Engine.Plans;
using FsCheck.Xunit;

namespace Backfill.Engine.Tests.Rules.Plans;

/// <summary>Hours are held against the known offsets of 2026, and windows spread over the minutes of a week.</summary>
public sealed class WorkingHoursTests
{
    private const int Week = 7 * 24 * 60;

    private static readonly string[] Days = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];

    private static readonly DateTimeOffset Year = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Where the summer time of 2026 begins and ends, and the offset outside of it, in hours.</summary>
    private static readonly (string Name, DateTimeOffset Begins, DateTimeOffset Ends, int Offset)[] Zones =
    [
        ("Europe/Berlin", new(2026, 3, 29, 1, 0, 0, TimeSpan.Zero), new(2026, 10, 25, 1, 0, 0, TimeSpan.Zero), 1),
        ("America/New_York", new(2026, 3, 8, 7, 0, 0, TimeSpan.Zero), new(2026, 11, 1, 6, 0, 0, TimeSpan.Zero), -5),
    ];

    [Property(MaxTest = 20)]
    public void A_moment_is_inside_when_the_wall_clock_shows_a_time_of_a_window(int seed, bool isBerlin)
    {
        var zone = Zones[isBerlin ? 0 : 1];
        var (text, open) = Draw(new Random(seed));
        var hours = Parse($"{text} {zone.Name}");
        for (var at = Year; at.Year == 2026; at = at.AddMinutes(7))
            Assert.True(open[MinuteOfWeek(at, zone)] == hours.IsOpen(at), $"{text} at {at:u}");
        // Every minute of the two days on which the clock is set.
        foreach (var day in (DateTimeOffset[])[zone.Begins.AddHours(-12), zone.Ends.AddHours(-12)])
        {
            for (var minute = 0; minute < 24 * 60; minute++)
                Assert.True(open[MinuteOfWeek(day.AddMinutes(minute), zone)] == hours.IsOpen(day.AddMinutes(minute)), $"{text} at {day.AddMinutes(minute):u}");
        }
    }

    [Property(MaxTest = 50)]
    public void The_next_opening_is_open_and_nothing_before_it_is(int seed, ushort hour, bool isBerlin)
    {
        var random = new Random(seed);
        var hours = Parse($"{Draw(random).Text} {Zones[isBerlin ? 0 : 1].Name}");
        var from = Year.AddHours(hour % 8_760).AddSeconds(random.Next(3_600));
        var next = hours.NextOpen(from);
        Assert.True(next >= from && hours.IsOpen(next));
        for (var at = from; at < next; at = at.AddMinutes(1))
            Assert.False(hours.IsOpen(at));
    }

    [Theory]
    // 22:00 to 06:00 is eight hours, but for the two nights in which the clock is set.
    [InlineData("2026-03-28T20:00Z", 600, "2026-03-29T23:00Z")]
    [InlineData("2026-10-24T19:00Z", 540, "2026-10-25T05:00Z")]
    [InlineData("2026-06-01T20:00Z", 60, "2026-06-01T21:00Z")]
    [InlineData("2026-06-01T10:00Z", 60, "2026-06-01T21:00Z")]
    public void Open_minutes_are_counted_through_the_nights_when_the_clock_is_set(string from, int minutes, string until) => Assert.Equal(
        At(until), Parse("Mo-Su 22:00-06:00 Europe/Berlin").After(At(from), minutes));

    [Fact]
    public void What_is_more_than_a_year_away_has_no_time() =>
        Assert.Null(Parse("Mo 00:00-00:01 UTC").After(Year, 60));

    [Theory]
    [InlineData("")]
    [InlineData("22:00-06:00 Europe/Berlin")]
    [InlineData("Mo-Fr Europe/Berlin")]
    [InlineData("Mo-Fr 22:00-06:00")]
    [InlineData("Mo-Fr 22:00-06:00 Europe/Atlantis")]
    [InlineData("Mo-Fr 24:00-06:00 UTC")]
    [InlineData("Mo-Fr 22:60-06:00 UTC")]
    [InlineData("Mo-Fr 22:00-24:01 UTC")]
    [InlineData("Mo-Fr 06:00-06:00 UTC")]
    [InlineData("Mo-Xx 22:00-06:00 UTC")]
    [InlineData("Mo-Fr 22:00-06:00, UTC")]
    public void Text_that_is_no_hours_is_refused_with_a_reason(string text)
    {
        Assert.False(WorkingHours.TryParse(text, out _, out var problem));
        Assert.EndsWith(".", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Days_may_go_over_the_end_of_a_week_and_be_listed()
    {
        var hours = Parse("Sa-Mo We 08:00-09:00, fr 00:00-24:00 UTC");
        var open = Enumerable.Range(0, 7).Where(d => hours.IsOpen(new DateTimeOffset(2026, 6, 1 + d, 8, 30, 0, TimeSpan.Zero))).Select(d => Days[d]);
        Assert.Equal(["Mo", "We", "Fr", "Sa", "Su"], open);
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private static WorkingHours Parse(string text)
    {
        Assert.True(WorkingHours.TryParse(text, out var hours, out var problem), problem);
        return hours;
    }

    /// <summary>One to three windows, and the minutes of a week from Monday on that they hold.</summary>
    private static (string Text, bool[] Open) Draw(Random random)
    {
        var open = new bool[Week];
        var windows = Enumerable.Range(0, random.Next(1, 4)).Select(_ =>
        {
            var (first, count) = (random.Next(7), random.Next(1, 8));
            var (from, to) = (random.Next(1_440), random.Next(1, 1_441));
            if (from == to)
                to = from + 1;
            for (var day = 0; day < count; day++)
            {
                for (var minute = from; minute < (to > from ? to : to + 1_440); minute++)
                    open[((first + day) % 7 * 1_440 + minute) % Week] = true;
            }

            return $"{Days[first]}-{Days[(first + count - 1) % 7]} {Clock(from)}-{Clock(to)}";
        });
        return (string.Join(", ", windows.ToList()), open);
    }

    private static string Clock(int minute) => $"{minute / 60:00}:{minute % 60:00}";

    private static int MinuteOfWeek(DateTimeOffset at, (string Name, DateTimeOffset Begins, DateTimeOffset Ends, int Offset) zone)
    {
        var wall = at.AddHours(at >= zone.Begins && at < zone.Ends ? zone.Offset + 1 : zone.Offset);
        return ((int)wall.DayOfWeek + 6) % 7 * 1_440 + wall.Hour * 60 + wall.Minute;
    }
}
