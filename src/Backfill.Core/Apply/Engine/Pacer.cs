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

    /// <summary>Reserves up to <paramref name="count"/> slots, if sessions wait for them.</summary>
    public async Task<(SlotGrant Grant, IReadOnlyList<Slot> Slots)> ReserveAsync(
        int count, bool always, CancellationToken cancellationToken)
    {
        var grant = await ledger.ReserveSlotsAsync(ticket, count, always, cancellationToken).ConfigureAwait(false);
        clock.Set(grant.DatabaseNow);
        // Counted from the answer's arrival: late by its transit, never early.
        var now = time.GetTimestamp();
        var slots = Enumerable.Range(0, grant.Count)
            .Select(i => new Slot(now + Ticks(grant.Delay + i * grant.Spacing)))
            .ToList();
        return (grant, slots);
    }

    /// <summary>A slot for a session already in hand; returns when it is due.</summary>
    public async Task<Slot> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var (_, slots) = await ReserveAsync(1, always: true, cancellationToken).ConfigureAwait(false);
            await WaitAsync(slots[0], TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
            if (!IsLate(slots[0]))
                return slots[0];
        }
    }

    /// <summary>Waits until <paramref name="ahead"/> before the slot.</summary>
    public async Task WaitAsync(Slot slot, TimeSpan ahead, CancellationToken cancellationToken)
    {
        // Timers fire by whole milliseconds and may fire early: hence the loop.
        while (Left(slot) - ahead is var left && left > TimeSpan.Zero)
            await Task.Delay(left < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : left, time, cancellationToken)
                .ConfigureAwait(false);
    }

    public bool IsLate(Slot slot) => -Left(slot) > Tolerance;

    private TimeSpan Left(Slot slot) => time.GetElapsedTime(time.GetTimestamp(), slot.Due);

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);
}
