using Backfill.Engine.Apply;
using Microsoft.Extensions.Time.Testing;

namespace Backfill.Engine.Tests.Rules.Apply;

public sealed class WaitingClockTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Waiting_adds_up_by_its_cause_and_work_is_no_waiting()
    {
        var clock = new WaitingClock(_time);
        Wait(clock, "Pace", 2);
        Wait(clock, "QuietPeriod", 5);
        Wait(clock, null, 100);
        Wait(clock, "Pace", 1);
        using (clock.For("Pace"))
        {
            _time.Advance(TimeSpan.FromSeconds(4));
            // What goes on counts too, and not twice.
            Assert.Equal(("Pace", TimeSpan.FromSeconds(12)), (clock.Reading.Cause, clock.Reading.Total));
        }

        var reading = clock.Reading;
        Assert.Equal((null, TimeSpan.FromSeconds(12)), (reading.Cause, reading.Total));
        Assert.Equal(["Pace 7", "QuietPeriod 5"], reading.ByCause.Select(c => $"{c.Key} {c.Value.TotalSeconds}").Order(StringComparer.Ordinal));
    }

    private void Wait(WaitingClock clock, string? cause, int seconds)
    {
        using (clock.For(cause))
            _time.Advance(TimeSpan.FromSeconds(seconds));
    }
}
