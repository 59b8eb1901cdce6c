using Backfill.Engine.Gates;
using Backfill.Engine.Ledger;

namespace Backfill.Engine.Signals;

/// <summary>A run's figures as metrics, from the ledger.</summary>
internal static class RunSignals
{
    public static void Record(BackfillRun run, PhaseSignals signals, DateTimeOffset now)
    {
        var metrics = signals.Instruments;
        Record(
            new RunProgress(run.Total, run.Succeeded, run.NoEffect, run.Failed, run.Skipped, run.Unknown, run.Remaining), signals);
        Left(run.State, isLeftToOthers: run is { ActiveWorkers: > 0, State: BackfillRunState.Running or BackfillRunState.Suspended or BackfillRunState.Paused }, signals);
        metrics.RunActivity.Record(UnixTime.Of(now), signals.Tags());
        metrics.PaceLimit.Record(run.ThrottlePerMinute, signals.Tags());
        metrics.PaceHighestLimit.Record(run.HighestThrottlePerMinute, signals.Tags());
        metrics.PacePeak.Record(run.PeakPerMinute ?? double.NaN, signals.Tags());
        metrics.PaceAchieved.Record(run.AchievedPerMinute ?? double.NaN, signals.Tags());
    }

    /// <summary>A worker begins: what has not happened yet is 0, and what an earlier process left no longer holds.</summary>
    public static void Begin(RunTicket ticket, PhaseSignals signals, DateTimeOffset now)
    {
        var metrics = signals.Instruments;
        Record(BackfillRunState.Running, signals);
        metrics.RunActivity.Record(UnixTime.Of(now), signals.Tags());
        metrics.PaceLimit.Record(ticket.Settings.ThrottlePerMinute, signals.Tags());
        // The ledger is asked for these at the end; those of an earlier run are not this one's.
        metrics.PaceHighestLimit.Record(double.NaN, signals.Tags());
        metrics.PacePeak.Record(double.NaN, signals.Tags());
        metrics.PaceAchieved.Record(double.NaN, signals.Tags());
        metrics.GuardHeld.Record(0, signals.Tags());
        metrics.Attempts.Add(0, signals.Tags());
        metrics.TakeOvers.Add(0, signals.Tags());
        foreach (var outcome in Enum.GetValues<BackfillOutcome>())
            metrics.Sessions.Add(0, signals.Tags(new KeyValuePair<string, object?>(SignalTags.Outcome, outcome)));
    }

    /// <summary>
    /// This process works on the run no more. Where others go on with it, they tell where it stands, and nothing here is brought up to
    /// date.
    /// </summary>
    public static void Left(BackfillRunState state, bool isLeftToOthers, PhaseSignals signals)
    {
        Record(isLeftToOthers ? null : state, signals);
        if (isLeftToOthers)
            signals.Instruments.RunRemaining.Record(double.NaN, signals.Tags());
    }

    /// <summary>Where the run stands; null where that is not known here any more.</summary>
    public static void Record(BackfillRunState? state, PhaseSignals signals)
    {
        foreach (var one in Enum.GetValues<BackfillRunState>())
            signals.Instruments.RunState.Record(
                one == state ? 1 : 0, signals.Tags(new KeyValuePair<string, object?>(SignalTags.State, one)));
        signals.Instruments.BreakerOpen.Record(state == BackfillRunState.Halted ? 1 : 0, signals.Tags());
    }

    /// <summary>How far the run is.</summary>
    public static void Record(RunProgress progress, PhaseSignals signals)
    {
        foreach (var (outcome, count) in new[]
        {
            (BackfillOutcome.Succeeded, progress.Succeeded), (BackfillOutcome.NoEffect, progress.NoEffect),
            (BackfillOutcome.Failed, progress.Failed), (BackfillOutcome.Skipped, progress.Skipped), (
                BackfillOutcome.Unknown, progress.Unknown),
        })
        {
            signals.Instruments.RunSessions.Record(count, signals.Tags(new KeyValuePair<string, object?>(SignalTags.Outcome, outcome)));
        }

        signals.Instruments.RunRemaining.Record(progress.Remaining, signals.Tags());
    }

    /// <summary>Gates as they stand: which of them waits, and since when.</summary>
    public static void Record(IEnumerable<BackfillGate> gates, PhaseSignals signals)
    {
        foreach (var gate in gates)
        {
            var since = gate is { Status: BackfillGateStatus.Pending, RaisedAt: { } raised } ? UnixTime.Of(raised) : 0;
            signals.Instruments.GatePendingSince.Record(since, signals.Tags(new KeyValuePair<string, object?>(SignalTags.Gate, gate.Name)));
        }
    }

    /// <summary>A gate that waits.</summary>
    public static void Raised(BackfillGate gate, PhaseSignals signals) => signals.Event(
        EventNames.GateRaised,
        gate.Passed ? EventSeverity.Info : EventSeverity.Warn,
        $"Waits for a decision: {GateText.Judged(gate)}.",
        new(SignalTags.RunId, gate.RunId),
        new(SignalTags.Gate, gate.Name),
        new("backfill.gate.passed", gate.Passed),
        new("backfill.gate.evidence_sha256", gate.EvidenceHash));

    /// <summary>A decision, or the use of an approval.</summary>
    public static void Decided(BackfillGate gate, PhaseSignals signals)
    {
        var isUsed = gate.Status == BackfillGateStatus.Used;
        signals.Event(
            isUsed ? EventNames.GateUsed : EventNames.GateDecided,
            gate.Overridden ? EventSeverity.Warn : EventSeverity.Info,
            isUsed ? $"Its approval has started {gate.UsedFor}." : $"{gate.Status}: {gate.Reason}",
            new(SignalTags.RunId, gate.RunId),
            new(SignalTags.Gate, gate.Name),
            new(SignalTags.State, gate.Status),
            new("backfill.gate.decided_by", gate.DecidedBy),
            new("backfill.gate.decided_at", gate.DecidedAt),
            new("backfill.gate.reason", gate.Reason),
            new(SignalTags.Overridden, gate.Overridden));
    }
}
