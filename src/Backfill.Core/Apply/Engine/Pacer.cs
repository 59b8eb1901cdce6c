namespace Backfill.Apply;

/// <summary>A moment at which one session attempt may make its first call.</summary>
/// <param name="Due">On this machine's monotonic clock.</param>
internal readonly record struct Slot(long Due);

/// <summary>Takes slots from the target's one pace and waits for them: never early, and no more than a little late.</summary>
internal sealed class Pacer(IRunLedger ledger, RunTicket ticket, DatabaseClock clock, TimeProvider time)
{
    /// <summary>A worker later than this drops its slot and takes another; the pace's margin covers the rest.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(100);

    /// <summary>How long before its slot a session is claimed, so that claim and images do not make it late.</summary>
    public static readonly TimeSpan Lead = TimeSpan.FromMilliseconds(50);

    /// <summary>A new pace is seen within this.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    /// <summary>The same for a database that took <paramref name="claiming"/> for the last claim; no longer than slots are taken ahead.</summary>
    public static TimeSpan LeadFor(TimeSpan claiming) =>
        claiming * 2 < Lead ? Lead : claiming * 2 < Longest ? claiming * 2 : Longest;

    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    /// <summary>Reserves up to <paramref name="count"/> slots, if sessions wait for them.</summary>
    public async Task<(SlotGrant Grant, IReadOnlyList<Slot> Slots)> ReserveAsync(
        int count, bool always, CancellationToken cancellationToken)
    {
        var grant = await ledger.ReserveSlotsAsync(ticket, count, always, cancellationToken).ConfigureAwait(false);
        clock.Set(grant.DatabaseNow);
        // By the database's clock: an answer that was slow on its way must not make its slots late without anybody's notice.
        var now = time.GetTimestamp();
        var ahead = grant.DatabaseNow + grant.Delay - clock.Now;
        var slots = Enumerable.Range(0, grant.Count)
            .Select(i => new Slot(now + Ticks(ahead + i * grant.Spacing)))
            .ToList();
        return (grant, slots);
    }

    /// <summary>A slot for a session already in hand, no more than a second ahead.</summary>
    public async Task<Slot> TakeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var (grant, slots) = await ReserveAsync(1, always: true, cancellationToken).ConfigureAwait(false);
            if (grant.Count > 0)
                return slots[0];
            var pause = grant.NextIn ?? Longest;
            await Task.Delay(pause < Shortest ? Shortest : pause > Longest ? Longest : pause, time, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    /// <summary>Waits for the slot.</summary>
    public async Task WaitAsync(Slot slot, CancellationToken cancellationToken)
    {
        // Timers fire by whole milliseconds and may fire early: hence the loop.
        while (!await WaitAsync(slot, TimeSpan.Zero, TimeSpan.MaxValue, cancellationToken).ConfigureAwait(false))
        {
        }
    }

    /// <summary>Waits until <paramref name="ahead"/> before the slot, but no longer than <paramref name="most"/>.</summary>
    /// <returns>Whether the time has come.</returns>
    public async Task<bool> WaitAsync(Slot slot, TimeSpan ahead, TimeSpan most, CancellationToken cancellationToken)
    {
        var left = Left(slot) - ahead;
        if (left <= TimeSpan.Zero)
            return true;
        var pause = left < most ? left : most;
        await Task.Delay(pause < Shortest ? Shortest : pause, time, cancellationToken).ConfigureAwait(false);
        return Left(slot) <= ahead;
    }

    public bool IsLate(Slot slot) => -Left(slot) > Tolerance;

    private TimeSpan Left(Slot slot) => time.GetElapsedTime(time.GetTimestamp(), slot.Due);

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);
}
