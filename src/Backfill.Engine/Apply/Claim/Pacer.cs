using Backfill.Engine.Ledger;

namespace Backfill.Engine.Apply.Claim;

/// <summary>A moment at which one session attempt may make its first call.</summary>
/// <param name="Due">On this machine's monotonic clock.</param>
internal readonly record struct Slot(long Due);

/// <summary>Takes slots from the target's one pace and waits for them: never early, and no more than a little late.</summary>
internal sealed class Pacer(IRunLedger ledger, RunTicket ticket, DatabaseClock clock, DatabasePace speed, TimeProvider time)
{
    /// <summary>A worker later than this drops its slot and takes another; the pace's margin covers the rest.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(100);

    /// <summary>How long before its slot a session is claimed, so that claim and images do not make it late.</summary>
    public static readonly TimeSpan Lead = TimeSpan.FromMilliseconds(50);

    /// <summary>A new pace is seen within this.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    /// <summary>What another writer does between a look and the call goes unseen: so long at most.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(150);

    /// <summary>What a look takes besides its way.</summary>
    private static readonly TimeSpan LookTime = TimeSpan.FromMilliseconds(5);

    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    /// <summary>Looks at the pace and at what is left to do; takes nothing.</summary>
    public async Task<SlotGrant> LookAsync(CancellationToken cancellationToken) =>
        (await ReserveAsync(0, cancellationToken).ConfigureAwait(false)).Grant;

    /// <summary>Takes <paramref name="count"/> slots, if the first of them is near.</summary>
    public async Task<(SlotGrant Grant, IReadOnlyList<Slot> Slots)> ReserveAsync(int count, CancellationToken cancellationToken)
    {
        var asked = time.GetTimestamp();
        var grant = await ledger.ReserveSlotsAsync(ticket, count, speed.Ahead, cancellationToken).ConfigureAwait(false);
        speed.Answered(asked);
        clock.Set(grant.DatabaseNow);
        // By the database's clock: an answer that was slow on its way must not make its slots late without anybody's notice.
        var now = time.GetTimestamp();
        var ahead = grant.DatabaseNow + grant.Delay - clock.Now;
        var slots = Enumerable.Range(0, grant.Count)
            .Select(i => new Slot(now + Ticks(ahead + i * grant.Spacing)))
            .ToList();
        return (grant, slots);
    }

    /// <summary>How long to wait before slots are asked for again.</summary>
    public static TimeSpan PauseFor(SlotGrant grant)
    {
        var pause = grant.NextIn ?? Longest;
        return pause < Shortest ? Shortest : pause > Longest ? Longest : pause;
    }

    /// <summary>
    /// Whether what was seen at that moment is new enough for a call now, or in that slot. On a slow line it can't be as new.
    /// </summary>
    public bool IsFresh(long seenAt, Slot? slot = null) =>
        (slot is { } s ? time.GetElapsedTime(seenAt, s.Due) : time.GetElapsedTime(seenAt)) < Fresh + 4 * speed.RoundTrip;

    /// <summary>Waits until a look before the slot comes just in time for it.</summary>
    public Task WaitForLookAsync(Slot slot, CancellationToken cancellationToken) =>
        WaitAsync(new Slot(slot.Due - Ticks(speed.RoundTrip * 1.5 + LookTime)), cancellationToken);

    /// <summary>Waits for the slot.</summary>
    public async Task WaitAsync(Slot slot, CancellationToken cancellationToken)
    {
        // Timers fire by whole milliseconds and may fire early: hence the loop.
        while (Left(slot) is var left && left > TimeSpan.Zero)
            await Task.Delay(left < Shortest ? Shortest : left, time, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether the slot is met. One that is missed is lost.</summary>
    public bool Meets(Slot slot)
    {
        var isMet = -Left(slot) <= Tolerance;
        speed.Slot(isMet);
        return isMet;
    }

    /// <summary>How long until the slot.</summary>
    public TimeSpan Left(Slot slot) => time.GetElapsedTime(time.GetTimestamp(), slot.Due);

    /// <summary>A slot so far from now.</summary>
    public Slot In(TimeSpan span) => new(time.GetTimestamp() + Ticks(span));

    /// <summary>The slot that comes after it.</summary>
    public Slot After(Slot slot, TimeSpan spacing) => new(slot.Due + Ticks(spacing));

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);
}
