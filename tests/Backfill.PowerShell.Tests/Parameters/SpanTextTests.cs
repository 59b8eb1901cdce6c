using System.Globalization;
using Backfill.PowerShell.Parameters;

namespace Backfill.PowerShell.Tests.Parameters;

public class SpanTextTests
{
    [Theory]
    [InlineData("6h", 21600)]
    [InlineData("30d", 2592000)]
    [InlineData("5m", 300)]
    [InlineData("90s", 90)]
    [InlineData("1.5h", 5400)]
    [InlineData("500ms", 0.5)]
    [InlineData("00:05:00", 300)]
    [InlineData(" 2S ", 2)]
    public void A_span_has_a_unit(string text, double seconds)
    {
        Assert.True(SpanText.TryParse(text, out var span));
        Assert.Equal(TimeSpan.FromSeconds(seconds), span);
    }

    [Theory]
    [InlineData("30")]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("5x")]
    [InlineData("-5s")]
    [InlineData("1,5h")]
    [InlineData("-00:05:00")]
    [InlineData("99999999999999h")]
    public void Anything_else_is_refused_a_bare_number_among_it(string? text) => Assert.False(SpanText.TryParse(text, out _));

    [Fact]
    public void The_culture_does_not_matter()
    {
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
        try
        {
            Assert.True(SpanText.TryParse("1.5h", out var span));
            Assert.Equal(TimeSpan.FromMinutes(90), span);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
