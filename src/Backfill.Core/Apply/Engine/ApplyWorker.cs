using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Backfill.Signals;

namespace Backfill.Apply;

/// <summary>Works on a run until nothing is left, or it is told to stop: slot, claim, call, settle.</summary>
internal sealed class ApplyWorker
{
    /// <summary>How long calls in flight get when the worker is stopped.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LongestBeat = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(5);

    /// <summary>How often a waiting worker looks at what the last heartbeat brought.</summary>
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(200);

    private readonly WorkContext _context;
    private readonly WaitingClock _waiting;
    private readonly ProgressWatch _progress;
    private readonly HashSet<Task> _inHand = [];
    private readonly TimeSpan _heartbeat;
    private TimeSpan _lead = Pacer.Lead;
    private volatile RunControl _control;
    private string? _haltReason;
    private Exception? _failure;

    public ApplyWorker(WorkContext context)
    {
        _context = context;
        _waiting = new WaitingClock(context.Time);
        _progress = new ProgressWatch(context);
        var settings = context.Ticket.Settings;
        // Often enough for a lease to be renewed well before what is sure of it is over.
        _heartbeat = settings.Lease / 4 < LongestBeat ? settings.Lease / 4 : LongestBeat;
        _control = new(
            BackfillRunState.Running, BackfillRunState.Running, settings.ThrottlePerMinute, settings.ConcurrencyLimit);
    }

    /// <summary>Works; returns why it stopped. Throws what made it fail, after calls in flight have been recorded.</summary>
    public async Task<WorkerEnding> RunAsync(CancellationToken stop)
    {
        using var signals = new StopSignals(stop);
        using var beating = new CancellationTokenSource();
        var heart = BeatAsync(signals, beating.Token);
        try
        {
            await DispatchAsync(signals).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (signals.Claiming.IsCancellationRequested)
        {
        }
        finally
        {
            try
            {
                await DrainAsync(signals).ConfigureAwait(false);
            }
            finally
            {
                await beating.CancelAsync().ConfigureAwait(false);
                await heart.ConfigureAwait(false);
                _context.Sink.Waited(_waiting.Reading);
            }
        }

        if (_failure is not null)
            ExceptionDispatchInfo.Throw(_failure);
        var waited = _waiting.Reading.Total;
        return _haltReason is not null ? new(BackfillRunState.Halted, _haltReason, waited)
            : stop.IsCancellationRequested ? new(BackfillRunState.Paused, "the worker was stopped", waited)
            : new(null, null, waited);
    }

    private async Task DispatchAsync(StopSignals signals)
    {
        while (true)
        {
            signals.Claiming.ThrowIfCancellationRequested();
            await WaitWhileSuspendedAsync(signals.Claiming).ConfigureAwait(false);
            await FreeHandAsync(signals.Claiming).ConfigureAwait(false);
            var (grant, slots) = await _context.Pacer
                .ReserveAsync(SlotsAtOnce(), always: false, signals.Claiming).ConfigureAwait(false);
            _control = grant.Control;
            if (_control.IsSuspended)
                continue;
            if (!_control.MayClaim || (!grant.Unsettled && grant.Count == 0))
                return;
            if (grant.Count == 0)
            {
                await IdleAsync(grant, signals.Claiming).ConfigureAwait(false);
                continue;
            }

            // A slot is given up when the run is suspended or stopped meanwhile.
            if (!await WaitForAsync(slots[0], signals.Claiming).ConfigureAwait(false))
                continue;
            var asked = _context.Time.GetTimestamp();
            var before = _context.Leases.Now;
            var claims = await _context.Ledger
                .ClaimAsync(_context.Ticket, _context.Worker, slots.Count, signals.Abandon).ConfigureAwait(false);
            _lead = Pacer.LeadFor(_context.Time.GetElapsedTime(asked));
            foreach (var (claim, slot) in claims.Zip(slots))
            {
                _context.Leases.Took(claim.Fence, before);
                _inHand.Add(WorkAsync(claim, slot, signals));
            }
        }
    }

    private async Task WaitWhileSuspendedAsync(CancellationToken cancellationToken)
    {
        if (!_control.IsSuspended)
            return;
        using (_waiting.For("Paused"))
        {
            while (_control.IsSuspended)
                await Task.Delay(Glance, _context.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<bool> WaitForAsync(Slot slot, CancellationToken cancellationToken)
    {
        using (_waiting.For("Pace"))
        {
            while (_control.MayClaim)
            {
                if (await _context.Pacer.WaitAsync(slot, _lead, Glance, cancellationToken).ConfigureAwait(false))
                    return true;
            }
        }

        return false;
    }

    private async Task WorkAsync(Claim claim, Slot slot, StopSignals signals)
    {
        using var span = PhaseSignals.Source.StartActivity(SpanNames.Session)
            ?.SetTag(SignalTags.SessionId, claim.SessionId.ToString()).SetTag(SignalTags.BatchId, claim.BatchId);
        try
        {
            var end = await WorkAsync(new SessionWork(_context, claim, slot, signals), claim, signals).ConfigureAwait(false);
            if (end.Result is { } result)
            {
                span?.SetTag(SignalTags.Outcome, result.Outcome.ToString()).SetTag(SignalTags.Category, result.Category?.ToString());
                if (result.Outcome is not (BackfillOutcome.Succeeded or BackfillOutcome.Skipped))
                    span?.SetStatus(ActivityStatusCode.Error, result.Reason);
                _context.Sink.Settled(result);
            }

            var halt = end.HaltReason ?? await BreakerAsync(end.Result).ConfigureAwait(false);
            if (halt is null)
                return;
            _haltReason ??= halt;
        }
        catch (LeaseLostException e)
        {
            _context.Sink.Warn(e.Message);
            return;
        }
#pragma warning disable CA1031 // Whatever it is, calls in flight are recorded first, then it is thrown.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _failure ??= e;
        }
        finally
        {
            _context.Leases.Gave(claim.Fence);
        }

        await signals.EndClaimingAsync().ConfigureAwait(false);
    }

    private async Task<SessionEnd> WorkAsync(SessionWork work, Claim claim, StopSignals signals)
    {
        try
        {
            return await work.RunAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (signals.Stop.IsCancellationRequested)
        {
            // Between attempts nothing is in flight: the session goes back as it is.
            await _context.Ledger
                .ReleaseAsync(_context.Ticket, claim, [], TimeSpan.Zero, CancellationToken.None).ConfigureAwait(false);
            return new(null, null);
        }
    }

    private async Task<string?> BreakerAsync(BackfillSessionResult? result) =>
        result?.Outcome is BackfillOutcome.Failed or BackfillOutcome.Unknown
            ? (await _context.Ledger.TripBreakerAsync(_context.Ticket, CancellationToken.None).ConfigureAwait(false))?.Reason
            : null;

    /// <summary>At a fast pace one round trip takes the slots of the next moments together.</summary>
    private int SlotsAtOnce()
    {
        var spacing = TimeSpan.FromMinutes(1.0 / _control.ThrottlePerMinute);
        var soon = (int)(Pacer.Lead / spacing);
        return Math.Clamp(soon, 1, Math.Max(1, _control.ConcurrencyLimit - _inHand.Count));
    }

    private async Task FreeHandAsync(CancellationToken cancellationToken)
    {
        _inHand.RemoveWhere(t => t.IsCompleted);
        while (_inHand.Count >= _control.ConcurrencyLimit)
        {
            // A higher limit holds though none of these ends.
            await Task.WhenAny(_inHand.Append(Task.Delay(Glance, _context.Time, cancellationToken))).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            _inHand.RemoveWhere(t => t.IsCompleted);
        }
    }

    /// <summary>Waits for the next slot to come near, or for sessions that nobody can claim yet; never long without a look.</summary>
    private async Task IdleAsync(SlotGrant grant, CancellationToken cancellationToken)
    {
        var pause = grant.NextIn is { } n && n < _heartbeat ? n : _heartbeat;
        var timer = Task.Delay(pause > Shortest ? pause : Shortest, _context.Time, cancellationToken);
        using (_waiting.For(grant.IsPaced ? "Pace" : _inHand.Count == 0 ? "QuietPeriod" : null))
            await (grant.IsPaced ? timer : Task.WhenAny(_inHand.Append(timer))).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Lets calls in flight end; once the worker is stopped they have <see cref="Grace"/> for it.</summary>
    private async Task DrainAsync(StopSignals signals)
    {
        var all = Task.WhenAll(_inHand);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(signals.Stop);
        await Task.WhenAny(all, Task.Delay(Timeout.InfiniteTimeSpan, _context.Time, over.Token)).ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
        if (!all.IsCompleted)
        {
            await Task.WhenAny(all, Task.Delay(Grace, _context.Time, CancellationToken.None)).ConfigureAwait(false);
            await signals.AbandonAsync().ConfigureAwait(false);
        }

        await all.ConfigureAwait(false);
    }

    private async Task BeatAsync(StopSignals signals, CancellationToken end)
    {
        using var timer = new PeriodicTimer(_heartbeat, _context.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(end).ConfigureAwait(false))
                await BeatOnceAsync(signals, end).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
        }
    }

    private async Task BeatOnceAsync(StopSignals signals, CancellationToken end)
    {
        try
        {
            var before = _context.Leases.Now;
            var beat = await _context.Ledger
                .HeartbeatAsync(_context.Ticket, _context.Worker, _context.Leases.Fences, _waiting.Reading, end).ConfigureAwait(false);
            _context.Leases.Renewed(beat.Held, before);
            _control = beat.Control;
            if (!_control.MayClaim && !_control.IsSuspended)
                await signals.EndClaimingAsync().ConfigureAwait(false);
            await _progress.GlanceAsync(_control, _waiting.Reading, end).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // A missed beat is no failure: leases bound what may still be called.
        catch (Exception e)
#pragma warning restore CA1031
        {
            if (!end.IsCancellationRequested)
                _context.Sink.Warn($"A heartbeat failed, leases run on without it: {e.Message}");
        }
    }
}
