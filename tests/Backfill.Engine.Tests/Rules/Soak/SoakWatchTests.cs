using Backfill.Engine.Soak.Checks;

namespace Backfill.Engine.Tests.Rules.Soak;

public class SoakWatchTests
{
    [Fact]
    public async Task A_window_of_6_hours_has_72_samples_each_when_it_is_due()
    {
        var world = new SoakWatchWorld();
        var end = await world.WatchAsync();
        Assert.Equal(Enumerable.Range(1, 72), end.Samples.Select(s => s.Number));
        Assert.All(end.Samples, s => Assert.Equal(Healthy.Soak.Window.DueAt(s.Number), s.At));
        Assert.All(world.Questions, q => Assert.Equal(Healthy.Start, q.Since));
        Assert.Equal(Healthy.Soak.Window.End, world.Questions[^1].Until);
        Assert.Equal((SoakVerdict.Pass, SoakVerdict.Pass), (end.Ending!.Verdict, end.Samples[^1].Verdict));
        Assert.Equal(end.Samples, world.Kept);
    }

    [Fact]
    public async Task Killed_twice_and_taken_up_again_it_is_one_series()
    {
        var world = new SoakWatchWorld();
        var shown = new List<SoakSample>();
        foreach (var last in (int[])[20, 51])
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => world.WatchAsync(onTaken: s =>
            {
                shown.Add(s);
                if (s.Number == last)
                    throw new InvalidOperationException("killed");
            }));
        }

        var end = await world.WatchAsync(onTaken: shown.Add);
        Assert.Equal(Enumerable.Range(1, 72), shown.Select(s => s.Number));
        Assert.Equal(shown, world.Kept);
        Assert.Equal(SoakVerdict.Pass, end.Ending!.Verdict);
        Assert.Equal(SoakVerdict.Pass, world.Ending!.Verdict);
    }

    [Fact]
    public async Task A_kill_between_measuring_and_keeping_costs_nothing()
    {
        var world = new SoakWatchWorld();
        world.BeforeAdd = s =>
        {
            if (s.Number != 7)
                return;
            world.BeforeAdd = _ => { };
            throw new InvalidOperationException("killed");
        };
        await Assert.ThrowsAsync<InvalidOperationException>(() => world.WatchAsync());
        var end = await world.WatchAsync();
        Assert.Equal(7, end.Samples[0].Number);
        Assert.Equal(Enumerable.Range(1, 72), world.Kept.Select(s => s.Number));
    }

    [Fact]
    public async Task A_short_absence_is_made_up_for_late_and_every_sample_says_when_it_was_taken()
    {
        var world = new SoakWatchWorld();
        await KillAtAsync(world, 10);
        world.Time.Advance(TimeSpan.FromMinutes(22));
        var end = await world.WatchAsync();
        Assert.Equal(Enumerable.Range(11, 62), end.Samples.Select(s => s.Number));
        Assert.All(end.Samples.Take(4), s => Assert.Equal(Healthy.Start + TimeSpan.FromMinutes(72), s.At));
        Assert.Equal(Healthy.Start + TimeSpan.FromMinutes(75), end.Samples[4].At);
        // The fourth was due at 01:10: it is late by less than an interval.
        Assert.Equal(
            [SoakLateness.NobodyMeasuring, SoakLateness.NobodyMeasuring, SoakLateness.NobodyMeasuring, null, null],
            end.Samples.Take(5).Select(s => s.Lateness));
        Assert.Equal(SoakVerdict.Pass, end.Ending!.Verdict);
    }

    [Fact]
    public async Task A_process_that_was_there_and_came_late_says_that_it_was_too_slow()
    {
        SoakWatchWorld? world = null;
        var isSlow = true;
        world = new()
        {
            Finds = n =>
            {
                if (n == 10 && isSlow)
                    world!.Time.Advance(TimeSpan.FromMinutes(117));
                isSlow &= n != 10;
                return Healthy.Facts;
            },
        };
        var end = await world.WatchAsync();
        // Sample 10 took from 00:50 to 02:47; what was due before 01:17 is too late.
        Assert.Equal([10, 16, 17, 18], end.Samples.Skip(9).Take(4).Select(s => s.Number));
        Assert.Equal((null, SoakLateness.TooSlow), (end.Samples[9].Lateness, end.Samples[10].Lateness));
        Assert.Equal("Sample 11 was missed: this machine or the target was too slow then, or asleep.", end.Warnings[0]);
        Assert.Null(end.Samples[^1].Lateness);
    }

    [Fact]
    public async Task Samples_of_a_long_absence_are_missed_never_made_up_and_the_verdict_stays_open()
    {
        var world = new SoakWatchWorld();
        await KillAtAsync(world, 10);
        world.Time.Advance(TimeSpan.FromHours(2));
        var end = await world.WatchAsync();
        // Two hours after sample 10 it is 02:50; what was due before 01:20 is too late.
        Assert.Equal(16, end.Samples[0].Number);
        Assert.Equal(5, end.Warnings.Count);
        Assert.Equal(SoakVerdict.Inconclusive, end.Ending!.Verdict);
        var sampling = end.Samples[^1].Checks.Single(c => c.Name == SoakCheckNames.Sampling);
        Assert.Equal("Not taken: 11 to 15. Nobody was measuring then.", sampling.Detail);
    }

    [Fact]
    public async Task Two_that_watch_at_once_take_each_sample_once_and_end_alike()
    {
        var world = new SoakWatchWorld();
        var ends = await Task.WhenAll(Task.Run(() => world.WatchAsync()), Task.Run(() => world.WatchAsync()));
        Assert.Equal(Enumerable.Range(1, 72), world.Kept.Select(s => s.Number));
        Assert.All(ends, e => Assert.Equal(SoakVerdict.Pass, e.Ending!.Verdict));
        Assert.All(ends, e => Assert.Equal(72, e.Samples[^1].Number));
        var shown = ends.SelectMany(e => e.Samples).Select(s => s.Number).ToList();
        // The last one is shown by both: it carries the verdict.
        Assert.Equal(71, shown.Where(n => n < 72).Distinct().Count());
        Assert.Equal(71, shown.Count(n => n < 72));
    }

    [Fact]
    public async Task A_sample_that_fails_is_tried_again_until_the_next_is_due()
    {
        var tries = 0;
        var world = new SoakWatchWorld { Finds = n => n == 5 && ++tries < 9 ? throw SoakWatchWorld.NoAnswer : Healthy.Facts };
        var end = await world.WatchAsync();
        Assert.Equal(72, end.Samples.Count);
        Assert.Equal(Healthy.Soak.Window.DueAt(5) + TimeSpan.FromMinutes(4), end.Samples[4].At);
        Assert.Equal(SoakVerdict.Pass, end.Ending!.Verdict);
    }

    [Fact]
    public async Task A_sample_that_can_t_be_taken_is_missing_and_the_verdict_is_never_Pass()
    {
        var world = new SoakWatchWorld { Finds = n => n is 5 or 6 ? throw SoakWatchWorld.NoAnswer : Healthy.Facts };
        var end = await world.WatchAsync();
        Assert.Equal(70, end.Samples.Count);
        Assert.Equal(SoakVerdict.Inconclusive, end.Ending!.Verdict);
        Assert.Equal(2, end.Warnings.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Too_many_failed_samples_in_a_row_end_it_inconclusive(bool withLedger)
    {
        var world = new SoakWatchWorld { Finds = n => n > 3 ? throw SoakWatchWorld.NoAnswer : Healthy.Facts };
        var end = await world.WatchAsync(withLedger: withLedger);
        Assert.Equal([1, 2, 3, 8], end.Samples.Select(s => s.Number));
        Assert.Equal(SoakVerdict.Inconclusive, end.Samples[^1].Verdict);
        Assert.Null(end.Samples[^1].VersionOverrides);
        Assert.Equal("5 samples in a row could not be taken, the last because: No answer.", end.Ending!.Reason);
        Assert.Equal(withLedger ? end.Ending : null, world.Ending);
    }

    [Fact]
    public async Task A_last_sample_that_can_t_be_taken_ends_it_inconclusive()
    {
        var world = new SoakWatchWorld { Finds = n => n == 72 ? throw SoakWatchWorld.NoAnswer : Healthy.Facts };
        var end = await world.WatchAsync();
        Assert.Equal((72, SoakVerdict.Inconclusive), (end.Samples[^1].Number, end.Samples[^1].Verdict));
        Assert.Equal(SoakVerdict.Inconclusive, end.Ending!.Verdict);
    }

    [Fact]
    public async Task It_stops_at_the_first_failed_check_if_it_is_told_to()
    {
        var world = new SoakWatchWorld { Finds = n => n < 9 ? Healthy.Facts : Healthy.Facts with { Unscored = [Guid.Empty] } };
        var end = await world.WatchAsync(new(5, StopOnFailure: true));
        Assert.Equal((9, SoakVerdict.Fail), (end.Samples[^1].Number, end.Ending!.Verdict));
        Assert.Equal(SoakVerdict.Fail, world.Ending!.Verdict);
    }

    [Fact]
    public async Task Stopped_it_leaves_the_soak_open()
    {
        var world = new SoakWatchWorld();
        using var stop = new CancellationTokenSource();
        var end = await world.WatchAsync(onTaken: s => { if (s.Number == 3) stop.Cancel(); }, stop: stop.Token);
        Assert.Null(end.Ending);
        Assert.Null(world.Ending);
        Assert.Equal(3, world.Kept.Count);
    }

    private static Task<InvalidOperationException> KillAtAsync(SoakWatchWorld world, int number) =>
        Assert.ThrowsAsync<InvalidOperationException>(() => world.WatchAsync(onTaken: s =>
        {
            if (s.Number == number)
                throw new InvalidOperationException("killed");
        }));
}
