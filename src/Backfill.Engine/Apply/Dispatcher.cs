using Backfill.Engine.Apply.Claim;
using Backfill.Engine.Apply.Steer;
using Backfill.Engine.Ledger;

namespace Backfill.Engine.Apply;

/// <summary>Claims sessions when their slots are near, and begins the work on them.</summary>
/// <param name="context">What the sessions of the worker share.</param>
/// <param name="waiting">Adds up what is waited for.</param>
/// <param name="heartbeat">No wait is longer without a look.</param>
/// <param name="signals">How the worker ends.</param>
/// <param name="work">Works on a claimed session; the moment is when its rows were seen.</param>
internal sealed class Dispatcher(
    WorkContext context, WaitingClock waiting, TimeSpan heartbeat, StopSignals signals, Func<ClaimedSession, Slot?, long, Task> work)
{
    /// <summary>No session is claimed longer than this before its slot.</summary>
    private static readonly TimeSpan LongestLead = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(5);

    /// <summary>A session that is claimed at this pace, and finds its slot taken, would wait long for the next one.</summary>
    private static readonly TimeSpan SlowPace = TimeSpan.FromSeconds(1);

    /// <summary>How often a waiting worker looks at what the last heartbeat brought.</summary>
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(200);

    private readonly HashSet<Task> _inHand = [];
    private TimeSpan _lead = Pacer.Lead;
    private Slot? _next;
    private TimeSpan _spacing;
    private DateTimeOffset? _saidOpens;

    /// <summary>The sessions in hand.</summary>
    public IReadOnlyCollection<Task> InHand => _inHand;

    private RunControl Control => context.Run.Control;

    /// <summary>How long before a slot another look at the pace is still in time for it.</summary>
    private TimeSpan Near => _lead + context.Speed.Last;

    /// <summary>From slot to slot: the limit may be lower since the last grant, and a ramp slower than the limit.</summary>
    private TimeSpan Spacing => TimeSpan.FromMinutes(1.0 / Control.ThrottlePerMinute) is var least && _spacing < least ? least : _spacing;

    /// <summary>Claims until nothing is left, or nothing may be claimed any more.</summary>
    /// <exception cref="OperationCanceledException">Nothing may be claimed any more.</exception>
    public async Task RunAsync()
    {
        var mustLook = true;
        while (true)
        {
            signals.Claiming.ThrowIfCancellationRequested();
            await WaitWhileSuspendedAsync().ConfigureAwait(false);
            await FreeHandAsync().ConfigureAwait(false);
            if (mustLook && await LookAsync().ConfigureAwait(false) is { } isDone)
            {
                if (isDone)
                    return;
                continue;
            }

            if (!await MayBeginAsync().ConfigureAwait(false) || !await KnowsTargetAsync().ConfigureAwait(false))
            {
                mustLook = true;
                continue;
            }

            // A slot is given up when the run is suspended or stopped before it.
            // Nothing claimed: it has to be looked why. At a slow pace another worker may have the next slot.
            mustLook = !await WaitForNextSlotAsync().ConfigureAwait(false)
                || !await ClaimAsync().ConfigureAwait(false)
                || Spacing >= SlowPace;
        }
    }

    /// <summary>Looks at the pace and at what is left, and waits for what is not near yet.</summary>
    /// <returns>Whether nothing is left to do here; null where sessions can be claimed now.</returns>
    private async Task<bool?> LookAsync()
    {
        var grant = await context.Pacer.LookAsync(signals.Claiming).ConfigureAwait(false);
        (context.Run.Control, _spacing) = (grant.Control, grant.Spacing);
        if (grant.Control.IsSuspended)
            return false;
        if (!grant.Control.MayClaim || !grant.Unsettled)
            return true;
        if (grant.IsPaced && (grant.NextIn is not { } next || next <= Near))
        {
            // What the ledger says now counts: the pace may be another one.
            _next = null;
            return null;
        }

        await IdleAsync(grant).ConfigureAwait(false);
        return false;
    }

    /// <summary>Claims sessions, takes their slots, and begins the work on them.</summary>
    /// <returns>Whether there were any.</returns>
    private async Task<bool> ClaimAsync()
    {
        var seenAt = context.Time.GetTimestamp();
        var before = context.Leases.Now;
        IReadOnlyList<ClaimedSession> claims;
        using (waiting.For(context.Speed.IsSlow ? "SlowDatabase" : null))
            claims = await context.Ledger.ClaimAsync(context.Ticket, context.Worker, SlotsAtOnce(), signals.Abandon).ConfigureAwait(false);
        context.Sink.Claimed(claims);
        var took = context.Time.GetElapsedTime(seenAt);
        foreach (var claim in claims)
            context.Leases.Took(claim.Fence, before);
        if (claims.Count == 0)
            return false;
        // A session that was claimed before is looked at once more, and takes its slot itself.
        var fresh = claims.Count(c => c.Number == 1);
        _next = context.Pacer.In(claims.Count * Spacing);
        var slots = fresh == 0 ? [] : await TakeSlotsAsync(claims, fresh).ConfigureAwait(false);
        if (slots is null)
            return true;
        took += context.Speed.Last;
        _lead = LeadFor(took);
        context.Speed.Round(took, claims.Count * Spacing);
        context.TellIfSlow();
        var next = 0;
        foreach (var claim in claims)
            _inHand.Add(work(claim, claim.Number == 1 ? slots[next++] : null, seenAt));
        return true;
    }

    /// <summary>Slots for sessions just claimed; where that is no more wanted, they go back as they are.</summary>
    private async Task<IReadOnlyList<Slot>?> TakeSlotsAsync(IReadOnlyList<ClaimedSession> claims, int count)
    {
        try
        {
            while (true)
            {
                var (grant, slots) = await context.Pacer.ReserveAsync(count, signals.Claiming).ConfigureAwait(false);
                (context.Run.Control, _spacing) = (grant.Control, grant.Spacing);
                if (!Control.MayClaim || (Control.Hold is not null && !claims[0].IsProbe))
                    break;
                if (slots.Count > 0)
                {
                    _next = context.Pacer.After(slots[^1], grant.Spacing);
                    return slots;
                }

                using (waiting.For("Pace"))
                    await Task.Delay(Pacer.PauseFor(grant), context.Time, signals.Claiming).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (signals.Claiming.IsCancellationRequested)
        {
            // They go back below; the dispatcher meets the same signal.
        }
        catch
        {
            // Their leases run out; what failed is told by the worker.
            foreach (var claim in claims)
                context.Leases.Gave(claim.Fence);
            throw;
        }

        foreach (var claim in claims)
            await GiveBackAsync(claim).ConfigureAwait(false);
        return null;
    }

    private async Task GiveBackAsync(ClaimedSession claim)
    {
        try
        {
            await context.ReleaseAsync(claim, [], TimeSpan.Zero).ConfigureAwait(false);
            if (claim.IsProbe)
                await context.ProbeAgainAsync().ConfigureAwait(false);
        }
        finally
        {
            context.Leases.Gave(claim.Fence);
        }
    }

    /// <summary>Outside of the hours nothing is begun; waits there, never long without a look.</summary>
    /// <returns>Whether a session may be begun now.</returns>
    private async Task<bool> MayBeginAsync()
    {
        if (context.Hours is not { } hours || context.IsInHours)
            return true;
        var opens = hours.NextOpen(context.Clock.Now + WorkContext.Moment);
        if (_saidOpens != opens)
        {
            context.Sink.Milestone(
                FormattableString.Invariant($"Outside the run's hours: no session starts before {opens.UtcDateTime:yyyy-MM-dd HH:mm} UTC."),
                "Hours");
        }

        _saidOpens = opens;
        var looked = context.Time.GetTimestamp();
        using (waiting.For("Hours"))
        {
            while (!context.IsInHours && Control.MayClaim && context.Time.GetElapsedTime(looked) < heartbeat)
                await Task.Delay(Glance, context.Time, signals.Claiming).ConfigureAwait(false);
        }

        return false;
    }

    /// <summary>Nothing is begun before the target's signals were read.</summary>
    private async Task<bool> KnowsTargetAsync()
    {
        if (context.Guard is not { IsKnown: false })
            return true;
        await Task.Delay(Shortest, context.Time, signals.Claiming).ConfigureAwait(false);
        return context.Guard.IsKnown;
    }

    private async Task WaitWhileSuspendedAsync()
    {
        if (!Control.IsSuspended)
            return;
        using (waiting.For("Suspended"))
        {
            while (Control.IsSuspended)
                await Task.Delay(Glance, context.Time, signals.Claiming).ConfigureAwait(false);
        }
    }

    /// <summary>At a quick pace, waits until the next slot is near, as far as this worker knows it. At a slow one it has looked.</summary>
    /// <returns>False where the run was suspended or halted before that.</returns>
    private async Task<bool> WaitForNextSlotAsync()
    {
        using (waiting.For("Pace"))
        {
            while (Control.MayClaim)
            {
                if (_next is not { } next || context.Pacer.Left(next) - _lead is var left && left <= TimeSpan.Zero)
                    return true;
                var pause = left < Glance ? left : Glance;
                await Task.Delay(pause < Shortest ? Shortest : pause, context.Time, signals.Claiming).ConfigureAwait(false);
            }
        }

        return false;
    }

    /// <summary>One round trip takes the slots of the next moments together, and on a slow line those of the time it takes.</summary>
    private int SlotsAtOnce() =>
        Math.Clamp((int)Math.Ceiling(_lead / Spacing), 1, Math.Max(1, Control.ConcurrencyLimit - _inHand.Count));

    /// <summary>How long before its slot a session is claimed, where claim and slot took so long the last time.</summary>
    private static TimeSpan LeadFor(TimeSpan took) =>
        took * 1.5 < Pacer.Lead ? Pacer.Lead : took * 1.5 < LongestLead ? took * 1.5 : LongestLead;

    private async Task FreeHandAsync()
    {
        _inHand.RemoveWhere(t => t.IsCompleted);
        while (_inHand.Count >= Control.ConcurrencyLimit)
        {
            // A higher limit holds though none of these ends.
            await Task.WhenAny(_inHand.Append(Task.Delay(Glance, context.Time, signals.Claiming))).ConfigureAwait(false);
            signals.Claiming.ThrowIfCancellationRequested();
            _inHand.RemoveWhere(t => t.IsCompleted);
        }
    }

    /// <summary>Waits for the next slot to come near, or for sessions that nobody can claim yet; never long without a look.</summary>
    private async Task IdleAsync(SlotGrant grant)
    {
        var next = grant.IsPaced ? grant.NextIn - Near : grant.NextIn;
        var pause = next is { } n && n < heartbeat ? n : heartbeat;
        var timer = Task.Delay(pause > Shortest ? pause : Shortest, context.Time, signals.Claiming);
        using (waiting.For(grant.Control.Hold?.ToString() ?? (grant.IsPaced ? "Pace" : _inHand.Count == 0 ? "QuietPeriod" : null)))
            await (grant.IsPaced ? timer : Task.WhenAny(_inHand.Append(timer))).ConfigureAwait(false);
        signals.Claiming.ThrowIfCancellationRequested();
    }
}
