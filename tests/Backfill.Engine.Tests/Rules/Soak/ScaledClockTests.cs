using Backfill.Engine.Soak;
using Microsoft.Extensions.Time.Testing;

namespace Backfill.Engine.Tests.Rules.Soak;

public class ScaledClockTests
{
    private static readonly DateTimeOffset Origin = new(2025, 9, 17, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Time_passes_so_many_times_as_fast()
    {
        var real = new FakeTimeProvider(Origin);
        var clock = new ScaledClock(real, Origin, 600);
        var since = clock.GetTimestamp();
        real.Advance(TimeSpan.FromSeconds(36));
        Assert.Equal(Origin + TimeSpan.FromHours(6), clock.GetUtcNow());
        Assert.Equal(TimeSpan.FromHours(6), clock.GetElapsedTime(since));
        Assert.Equal(Origin + TimeSpan.FromSeconds(72), clock.ToReal(Origin + TimeSpan.FromHours(12)));
    }

    [Fact]
    public async Task A_wait_never_ends_before_its_moment()
    {
        var real = new FakeTimeProvider(Origin);
        var clock = new ScaledClock(real, Origin, 700);
        var wait = Task.Delay(TimeSpan.FromSeconds(1), clock);
        real.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(wait.IsCompleted);
        real.Advance(TimeSpan.FromMilliseconds(1));
        await wait;
        Assert.True(clock.GetUtcNow() >= Origin + TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void It_stands_apart_from_a_clock_that_is_slow()
    {
        var clock = new ScaledClock(new FakeTimeProvider(Origin), Origin, 1, TimeSpan.FromSeconds(90));
        Assert.Equal(Origin + TimeSpan.FromSeconds(90), clock.GetUtcNow());
        Assert.Equal(Origin, clock.ToReal(Origin + TimeSpan.FromSeconds(90)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    public void A_factor_is_more_than_0(double factor) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ScaledClock(TimeProvider.System, Origin, factor));
}
