using Backfill.Engine.Reports;
using FsCheck.Xunit;

namespace Backfill.Engine.Tests.Rules.Reports;

public class TimelineScaleTests
{
    private static readonly DateTimeOffset Start = new(2025, 9, 17, 8, 0, 7, 250, TimeSpan.Zero);

    [Theory]
    [InlineData("00:01:57", 0, "00:00:01", 118)]
    [InlineData("00:01:57", 15, "00:00:15", 9)]
    [InlineData("06:00:00", 0, "00:05:00", 73)]
    [InlineData("34.17:00:00", 0, "12:00:00", 71)]
    [InlineData("00:00:00", 0, "00:00:01", 1)]
    public void A_span_is_divided_into_parts_that_people_count_in(string span, int atLeast, string width, int parts)
    {
        var scale = TimelineScale.Of(Start, Start + TimeSpan.Parse(span, System.Globalization.CultureInfo.InvariantCulture), TimeSpan.FromSeconds(atLeast));
        Assert.Equal((TimeSpan.Parse(width, System.Globalization.CultureInfo.InvariantCulture), parts), (scale.Width, scale.Parts));
    }

    [Property(MaxTest = 1000)]
    public void Every_span_lies_within_its_scale(uint seconds, int sign)
    {
        var end = Start + TimeSpan.FromSeconds(sign < 0 ? -(seconds % 60) : seconds);
        var scale = TimelineScale.Of(Start, end);
        Assert.InRange(scale.Parts, 1, 121);
        Assert.True(scale.Start <= Start && Start < scale.End && end < scale.End);
        Assert.Equal(0, scale.Start.UtcTicks % scale.Width.Ticks);
    }
}
