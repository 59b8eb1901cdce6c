using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Backfill.Engine.Apply.Call;
using Backfill.Engine.Apply.Claim;
using Backfill.Engine.Apply.Steer;
using Backfill.Engine.Ledger;
using Backfill.Engine.Signals;

namespace Backfill.Engine.Apply;

/// <summary>Works on a run until nothing is left, or it is told to stop: slot, claim, call, settle.</summary>
internal sealed class ApplyWorker
{
    /// <summary>How long calls in flight get when the worker is stopped.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LongestBeat = TimeSpan.FromSeconds(1);

    private readonly WorkContext _context;
    private readonly WaitingClock _waiting;
    private readonly ProgressWatch _progress;
    private readonly StandingNews _news;
    private readonly TimeSpan _heartbeat;
    private bool _hasMissed;
    private RunHalt? _halt;
    private Exception? _failure;

    public ApplyWorker(WorkContext context)
    {
        _context = context;
        _waiting = new WaitingClock(context.Time);
        _progress = new ProgressWatch(context);
        _news = new StandingNews(context);
        // Often enough for a lease to be renewed well before what is sure of it is over.
        var lease = context.Ticket.Settings.Lease;
        _heartbeat = lease / 4 < LongestBeat ? lease / 4 : LongestBeat;
    }

    /// <summary>Works; returns why it stopped. Throws what made it fail, after calls in flight have been recorded.</summary>
    public async Task<WorkerEnding> RunAsync(CancellationToken stop)
    {
        using var signals = new StopSignals(stop);
        using var beating = new CancellationTokenSource();
        var heart = Task.WhenAll(
            BeatAsync(signals, beating.Token), _context.Guard?.RunAsync(beating.Token) ?? Task.CompletedTask);
        var dispatcher = new Dispatcher(
            _context, _waiting, _heartbeat, signals, (claim, slot, seenAt) => WorkAsync(claim, slot, seenAt, signals));
        try
        {
            await dispatcher.RunAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (signals.Claiming.IsCancellationRequested)
        {
        }
        finally
        {
            try
            {
                await DrainAsync(dispatcher.InHand, signals).ConfigureAwait(false);
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
        return _halt is { } halt ? new(BackfillRunState.Halted, halt.Reason, waited, halt.Cause)
            : stop.IsCancellationRequested ? new(BackfillRunState.Paused, "the worker was stopped", waited, BackfillRunCause.WorkerStopped)
            : new(null, null, waited);
    }

    private async Task WorkAsync(ClaimedSession claim, Slot? slot, long seenAt, StopSignals signals)
    {
        using var span = PhaseSignals.Source.StartActivity(SpanNames.Session)
            ?.SetTag(SignalTags.SessionId, claim.SessionId.ToString()).SetTag(SignalTags.BatchId, claim.BatchId);
        try
        {
            var work = new SessionWork(_context, claim, slot, seenAt, signals);
            var end = await WorkAsync(work, claim, signals).ConfigureAwait(false);
            if (end.Result is { } result)
            {
                span?.SetTag(SignalTags.Outcome, result.Outcome.ToString()).SetTag(SignalTags.Category, PhaseSignals.ErrorOf(result)?.ToString());
                if (result.Outcome is not (BackfillOutcome.Succeeded or BackfillOutcome.Skipped))
                    span?.SetStatus(ActivityStatusCode.Error, result.Reason);
                _context.Sink.Settled(result);
            }

            if (claim.IsProbe && !work.HasProbed)
                await _context.ProbeAgainAsync().ConfigureAwait(false);
            if (end.Halt is null)
                return;
            _halt ??= end.Halt;
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

        await signals.HaltAsync().ConfigureAwait(false);
    }

    private async Task<SessionEnd> WorkAsync(SessionWork work, ClaimedSession claim, StopSignals signals)
    {
        try
        {
            return await work.RunAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (signals.Calling.IsCancellationRequested)
        {
            // Between attempts nothing is in flight: the session goes back as it is.
            await _context.ReleaseAsync(claim, [], TimeSpan.Zero).ConfigureAwait(false);
            return new(null, null);
        }
    }

    /// <summary>What it waits for, with the database in the first place where that can't keep up.</summary>
    private WorkerWaiting Waiting => _waiting.Reading is var reading && _context.Speed.IsSlow && reading.Cause is null or "Pace"
        ? reading with { Cause = "SlowDatabase" }
        : reading;

    /// <summary>Lets calls in flight end; once the worker is stopped they have <see cref="Grace"/> for it.</summary>
    private async Task DrainAsync(IReadOnlyCollection<Task> inHand, StopSignals signals)
    {
        var all = Task.WhenAll(inHand);
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

    /// <summary>Who ordered what is for the screen: what keeps it from being read is no failure of the beat.</summary>
    private async Task LookForNewsAsync(RunControl control, CancellationToken end)
    {
        try
        {
            await _news.LookAsync(control, end).ConfigureAwait(false);
        }
        catch (BackfillException)
        {
            // The next beat looks again.
        }
    }

    private async Task BeatOnceAsync(StopSignals signals, CancellationToken end)
    {
        try
        {
            var before = _context.Leases.Now;
            var beat = await _context.Ledger
                .HeartbeatAsync(_context.Ticket, _context.Worker, _context.Leases.Fences, Waiting, end).ConfigureAwait(false);
            _context.Speed.Answered(before.Timestamp);
            _context.Leases.Renewed(beat.Held, before);
            _context.Run.Control = beat.Control;
            _hasMissed = false;
            if (beat.Control.State == BackfillRunState.Halted)
                await signals.HaltAsync().ConfigureAwait(false);
            else if (!beat.Control.MayClaim && !beat.Control.IsSuspended)
                await signals.EndClaimingAsync().ConfigureAwait(false);
            await LookForNewsAsync(beat.Control, end).ConfigureAwait(false);
            await _progress.GlanceAsync(beat.Control, Waiting with { SuspendedBy = _news.SuspendedBy }, end).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // A missed beat is no failure: leases bound what may still be called.
        catch (Exception e)
#pragma warning restore CA1031
        {
            // Told once an outage.
            if (!end.IsCancellationRequested && !_hasMissed)
                _context.Sink.Warn($"A heartbeat failed; the leases hold until they run out: {e.Message}");
            _hasMissed = true;
        }
    }
}
