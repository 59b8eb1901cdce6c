using Backfill.Engine.Soak.Checks;
using FsCheck;
using FsCheck.Xunit;

namespace Backfill.Engine.Tests.Rules.Soak;

public class WilsonIntervalTests
{
    /// <summary>
    /// By hand, z = 1.959964, z² = 3.841459: (p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n). For none of one the upper end is
    /// z²/(1 + z²) = 3.841459 / 4.841459.
    /// </summary>
    [Theory]
    [InlineData(0, 0, 0, 1)]
    [InlineData(0, 1, 0, 0.793451)]
    [InlineData(1, 1, 0.206549, 1)]
    [InlineData(0, 5, 0, 0.434482)]
    [InlineData(4, 5, 0.375535, 0.963776)]
    [InlineData(5, 5, 0.565518, 1)]
    [InlineData(34, 40, 0.709277, 0.929388)]
    [InlineData(28, 40, 0.545700, 0.819252)]
    [InlineData(40, 40, 0.912378, 1)]
    [InlineData(850, 1000, 0.826531, 0.870790)]
    [InlineData(820, 1000, 0.794978, 0.842573)]
    public void It_agrees_with_cases_computed_by_hand(long hits, long total, double lower, double upper)
    {
        var interval = WilsonInterval.Of(hits, total);
        Assert.Equal(lower, interval.Lower, 1e-6);
        Assert.Equal(upper, interval.Upper, 1e-6);
    }

    [Property]
    public void It_holds_the_share_and_stays_within_0_and_1(NonNegativeInt a, NonNegativeInt b)
    {
        var (hits, total) = (Math.Min(a.Get, b.Get), Math.Max(a.Get, b.Get));
        var interval = WilsonInterval.Of(hits, total);
        Assert.InRange(interval.Lower, 0, interval.Upper);
        Assert.InRange(interval.Upper, interval.Lower, 1);
        if (total > 0)
            Assert.InRange((double)hits / total, interval.Lower, interval.Upper);
    }
}
