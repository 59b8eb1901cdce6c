using Backfill.Engine.Plans;
using FsCheck;
using FsCheck.Xunit;

namespace Backfill.Engine.Tests.Rules.Apply;

/// <summary>Never early, never idle when a slot is due, whatever the workers, restarts and stalls.</summary>
public class PaceTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    [Property(MaxTest = 20)]
    public void Undisturbed_workers_use_every_slot_when_it_is_due(PositiveInt seed)
    {
        var random = new Random(seed.Get);
        var perMinute = random.Next(2, 1201);
        var world = new PaceWorld(perMinute, random);
        for (var i = random.Next(1, 7); i > 0; i--)
            world.StartWorker();
        world.Pass(TimeSpan.FromMinutes(2.5));

        NeverEarly(world);
        NeverMoreThanThePace(world, perMinute);
        NeverIdle(world);
        // A start for each slot, but for those that are still to come.
        Assert.InRange(world.Starts.Count, world.Slots.Count - Math.Ceiling(Moment * 2 / world.Spacing) - 1, world.Slots.Count);
        Assert.InRange(world.Slots.Zip(world.Starts, (slot, start) => (start - slot).TotalMilliseconds).Max(), 0, 120);
    }

    [Property(MaxTest = 30)]
    public void Workers_that_stall_or_die_lose_their_own_slots_and_no_others(PositiveInt seed)
    {
        var random = new Random(seed.Get);
        var perMinute = random.Next(30, 1201);
        var world = new PaceWorld(perMinute, random);
        // This one is always there.
        world.StartWorker();
        var others = Enumerable.Range(0, random.Next(1, 5)).Select(_ => world.StartWorker()).ToList();
        var disturbances = random.Next(1, 25);
        for (var i = 0; i < disturbances; i++)
        {
            world.Pass(TimeSpan.FromMilliseconds(random.Next(1, 180_000 / disturbances)));
            var one = random.Next(others.Count);
            if (random.Next(3) > 0)
            {
                others[one].Stall(TimeSpan.FromMilliseconds(random.Next(10, 5000)));
                continue;
            }

            others[one].Kill();
            others[one] = world.StartWorker();
        }

        world.Pass(TimeSpan.FromSeconds(10));
        NeverEarly(world);
        NeverMoreThanThePace(world, perMinute);
        NeverIdle(world);
        // Whoever is held up holds what it has taken, which is no more than a second's worth and its share of that.
        var held = Math.Ceiling(Moment / world.Spacing) + 1;
        Assert.InRange(world.Starts.Count, world.Slots.Count - held * (disturbances + 2), world.Slots.Count);
    }

    [Property(MaxTest = 30)]
    public void Answers_that_are_slow_on_their_way_let_no_session_start_late(PositiveInt seed)
    {
        var random = new Random(seed.Get);
        // At a slow pace no slot is to spare: one late start is one too many in some minute.
        var perMinute = random.Next(2, 121);
        var world = new PaceWorld(perMinute, random);
        world.StartWorker();
        for (var i = random.Next(1, 4); i > 0; i--)
            world.StartWorker(isFar: true);
        world.Pass(TimeSpan.FromMinutes(3));
        NeverEarly(world);
        NeverMoreThanThePace(world, perMinute);
        NeverIdle(world);
    }

    [Property(MaxTest = 10)]
    public void Nothing_begins_outside_of_the_hours(PositiveInt seed)
    {
        var random = new Random(seed.Get);
        // The clock begins at midnight: closed, open for two minutes, and closed again.
        Assert.True(WorkingHours.TryParse("Mo-Su 00:01-00:03 UTC", out var hours, out _));
        var world = new PaceWorld(random.Next(30, 601), random, hours);
        for (var i = random.Next(1, 4); i > 0; i--)
            world.StartWorker(roundTrip: TimeSpan.FromMilliseconds(random.Next(200)));
        world.Pass(TimeSpan.FromMinutes(5));

        Assert.NotEmpty(world.Starts);
        Assert.All(world.Starts, s => Assert.True(hours.IsOpen(s), $"{s:O}"));
        // And they are used.
        Assert.InRange(world.Starts.Count, (int)(100 / world.Spacing.TotalSeconds), world.Slots.Count);
    }

    [Theory]
    [InlineData(600, 140, 300)]
    [InlineData(20, 1400, 15)]
    [InlineData(20, 5000, 8)]
    [InlineData(1200, 20, 1000)]
    public void A_slow_database_slows_a_run_and_never_stops_it(int perMinute, int roundTripMs, int atLeastAMinute)
    {
        var world = new PaceWorld(perMinute, new Random(perMinute + roundTripMs));
        world.StartWorker(roundTrip: TimeSpan.FromMilliseconds(roundTripMs));
        world.Pass(TimeSpan.FromMinutes(5));
        NeverEarly(world);
        NeverMoreThanThePace(world, perMinute);
        Assert.InRange(world.Starts.Count, 5 * atLeastAMinute, 5 * perMinute + 1);
        // Almost no slot is burned once the round trip is known.
        Assert.InRange(world.Starts.Count, world.Slots.Count * 0.9 - 5, world.Slots.Count);
    }

    [Fact]
    public void A_quick_database_is_not_complained_of()
    {
        var world = new PaceWorld(1200, new Random(2));
        world.StartWorker(roundTrip: TimeSpan.FromMilliseconds(4));
        world.Pass(TimeSpan.FromMinutes(2));
        Assert.Empty(world.Warnings);
    }

    /// <summary>By any moment, no more sessions have started than slots have come due.</summary>
    private static void NeverEarly(PaceWorld world) =>
        Assert.True(world.Slots.Zip(world.Starts, (slot, start) => start - slot).Min() >= TimeSpan.Zero, "A session started before its slot.");

    private static void NeverMoreThanThePace(PaceWorld world, int perMinute) =>
        Assert.True(world.MostInAMinute() <= perMinute, $"{world.MostInAMinute()} starts in a minute at {perMinute}.");

    /// <summary>Slot follows on slot: somebody always takes the next one before it is due.</summary>
    private static void NeverIdle(PaceWorld world) =>
        Assert.Equal(world.Spacing, world.Slots.Zip(world.Slots.Skip(1), (one, next) => next - one).Max());
}
