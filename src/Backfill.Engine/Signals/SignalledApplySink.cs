using Backfill.Engine.Apply;
using Backfill.Engine.Apply.Claim;
using Backfill.Engine.Apply.Guard;
using Backfill.Engine.Ledger;

namespace Backfill.Engine.Signals;

/// <summary>Tells what happens in a run twice: to the operator, and to whoever monitors.</summary>
internal sealed class SignalledApplySink(IApplySink sink, PhaseSignals signals, TimeProvider time) : IWorkerSink
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, TimeSpan> _waited = new(StringComparer.Ordinal);
    private RunControl? _control;
    private RunProgress? _progress;

    public void Claimed(IReadOnlyList<ClaimedSession> claims)
    {
        foreach (var claim in claims)
        {
            var isTakenOver = claim.Number > 1 && claim.Earlier.Any(e => e.Outcome is null);
            if (isTakenOver)
                signals.Instruments.TakeOvers.Add(1, signals.Tags());
            signals.Event(
                EventNames.SessionClaimed,
                isTakenOver ? EventSeverity.Warn : EventSeverity.Info,
                isTakenOver ? "Claimed, from a worker that was lost." : "Claimed.",
                new(SignalTags.RunId, claim.RunId),
                new(SignalTags.SessionId, claim.SessionId),
                new(SignalTags.BatchId, claim.BatchId),
                new("backfill.claim.number", claim.Number));
        }
    }

    public void Released(ClaimedSession claim, TimeSpan after) => signals.Event(
        EventNames.SessionReleased,
        EventSeverity.Info,
        after > TimeSpan.Zero
            ? FormattableString.Invariant($"Given back, to be claimed again in {after.TotalSeconds:0.###} s.")
            : "Given back.",
        new(SignalTags.RunId, claim.RunId),
        new(SignalTags.SessionId, claim.SessionId));

    public void BreakerOpened(Guid runId, string reason)
    {
        signals.Instruments.BreakerOpen.Record(1, signals.Tags());
        signals.Event(EventNames.BreakerOpened, EventSeverity.Error, reason, new KeyValuePair<string, object?>(SignalTags.RunId, runId));
    }

    public void Settled(BackfillSessionResult result)
    {
        signals.Instruments.Sessions.Add(1, signals.Tags(
            new(SignalTags.Outcome, result.Outcome), new(SignalTags.Category, PhaseSignals.ErrorOf(result))));
        signals.Event(
            EventNames.SessionSettled,
            result.Outcome switch
            {
                BackfillOutcome.Succeeded or BackfillOutcome.Skipped => EventSeverity.Info,
                BackfillOutcome.NoEffect => EventSeverity.Warn,
                _ => EventSeverity.Error,
            },
            result.Reason ?? $"{result.Outcome}",
            new(SignalTags.RunId, result.RunId),
            new(SignalTags.SessionId, result.SessionId),
            new(SignalTags.BatchId, result.BatchId),
            new("backfill.session.ordinal", result.Ordinal),
            new(SignalTags.Outcome, result.Outcome),
            new(SignalTags.Category, PhaseSignals.ErrorOf(result)),
            new("backfill.session.attempts", result.Attempts),
            new("backfill.session.duration_ms", result.DurationMs),
            new("backfill.rows.inserted", result.RowsInserted),
            new("backfill.rows.updated", result.RowsUpdated),
            new("backfill.rows.deleted", result.RowsDeleted));
        sink.Settled(result);
    }

    public void Attempted() => signals.Instruments.Attempts.Add(1, signals.Tags());

    public void Progressed(RunProgress progress, RunControl control, WorkerWaiting waiting)
    {
        var metrics = signals.Instruments;
        RunSignals.Record(progress, signals);
        RunSignals.Record(control.State, signals);
        metrics.PaceLimit.Record(control.ThrottlePerMinute, signals.Tags());
        Add(waiting);
        lock (_lock)
        {
            // That this process is alive is no movement.
            if (progress != _progress)
                metrics.RunActivity.Record(UnixTime.Of(time.GetUtcNow()), signals.Tags());
            _progress = progress;
            if (_control is { } before && before != control)
            {
                signals.Event(
                    EventNames.RunOrder,
                    EventSeverity.Info,
                    FormattableString.Invariant($"{control.State}, ordered {control.Intent}, at most {control.ThrottlePerMinute} a minute, {control.ConcurrencyLimit} at once."),
                    new(SignalTags.State, control.State),
                    new("backfill.pace.limit", control.ThrottlePerMinute));
            }

            _control = control;
        }

        sink.Progressed(new(
            progress.Total,
            progress.Done,
            progress.Bad,
            progress.Remaining,
            control.ThrottlePerMinute,
            waiting.Cause,
            waiting.Total,
            control.IsSuspended,
            control.MayClaim)
        {
            SuspendedBy = waiting.SuspendedBy,
        });
    }

    public void Waited(WorkerWaiting waiting) => Add(waiting);

    public void Guarded(GuardLook look)
    {
        var metrics = signals.Instruments;
        metrics.GuardHeld.Record(look.IsHeld ? 1 : 0, signals.Tags());
        foreach (var value in look.Values)
        {
            var tags = signals.Tags(new KeyValuePair<string, object?>(SignalTags.Signal, value.Signal));
            metrics.GuardValue.Record(value.Value ?? double.NaN, tags);
            metrics.GuardLimit.Record(look.Settings.Limits[value.Signal].Hold ?? double.PositiveInfinity, tags);
        }
    }

    public void Warn(string message)
    {
        signals.Event(EventNames.Warning, EventSeverity.Warn, message);
        sink.Warn(message);
    }

    public void Explain(string message) => sink.Explain(message);

    public void Milestone(string message, string tag) => sink.Milestone(message, tag);

    /// <summary>What the ledger says of the run at the end: the same figures as in the artifacts.</summary>
    public void Ended(BackfillRun run)
    {
        RunSignals.Record(run, signals, time.GetUtcNow());
        signals.Event(
            EventNames.RunState,
            run.State switch
            {
                BackfillRunState.Halted or BackfillRunState.Aborted => EventSeverity.Error,
                BackfillRunState.Paused or BackfillRunState.Suspended => EventSeverity.Warn,
                _ => EventSeverity.Info,
            },
            run.Reason ?? $"{run.State}",
            new(SignalTags.RunId, run.RunId),
            new(SignalTags.State, run.State),
            new("backfill.run.total", run.Total),
            new("backfill.run.succeeded", run.Succeeded),
            new("backfill.run.no_effect", run.NoEffect),
            new("backfill.run.failed", run.Failed),
            new("backfill.run.skipped", run.Skipped),
            new("backfill.run.unknown", run.Unknown),
            new("backfill.run.remaining", run.Remaining),
            new("backfill.pace.peak", run.PeakPerMinute));
    }

    private void Add(WorkerWaiting waiting)
    {
        lock (_lock)
        {
            foreach (var (cause, waited) in waiting.ByCause)
            {
                var more = (waited - _waited.GetValueOrDefault(cause)).TotalSeconds;
                if (more > 0)
                    signals.Instruments.Waiting.Add(more, signals.Tags(new KeyValuePair<string, object?>(SignalTags.Cause, cause)));
                _waited[cause] = waited;
            }
        }
    }
}
