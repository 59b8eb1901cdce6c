namespace Backfill.Signals;

/// <summary>A run's figures as metrics, from the ledger.</summary>
internal static class RunSignals
{
    public static void Record(BackfillRun run, PhaseSignals signals, DateTimeOffset now)
    {
        var metrics = signals.Instruments;
        foreach (var (outcome, count) in new[]
        {
            (BackfillOutcome.Succeeded, run.Succeeded), (BackfillOutcome.NoEffect, run.NoEffect), (BackfillOutcome.Failed, run.Failed),
            (BackfillOutcome.Skipped, run.Skipped), (BackfillOutcome.Unknown, run.Unknown),
        })
        {
            metrics.RunSessions.Record(count, signals.Tags(new KeyValuePair<string, object?>(SignalTags.Outcome, outcome)));
        }

        foreach (var state in Enum.GetValues<BackfillRunState>())
            metrics.RunState.Record(state == run.State ? 1 : 0, signals.Tags(new KeyValuePair<string, object?>(SignalTags.State, state)));
        metrics.RunRemaining.Record(run.Remaining, signals.Tags());
        metrics.RunActivity.Record(now.ToUnixTimeMilliseconds() / 1000.0, signals.Tags());
        metrics.PaceLimit.Record(run.ThrottlePerMinute, signals.Tags());
        metrics.PacePeak.Record(run.PeakPerMinute ?? 0, signals.Tags());
        if (run.AchievedPerMinute is { } achieved)
            metrics.PaceAchieved.Record(achieved, signals.Tags());
        metrics.BreakerOpen.Record(run.State == BackfillRunState.Halted ? 1 : 0, signals.Tags());
    }

    /// <summary>Gates as they stand: which of them waits, and since when.</summary>
    public static void Record(IEnumerable<BackfillGate> gates, PhaseSignals signals)
    {
        foreach (var gate in gates)
        {
            var since = gate.Status == BackfillGateStatus.Pending ? (gate.RaisedAt?.ToUnixTimeMilliseconds() ?? 0) / 1000.0 : 0;
            signals.Instruments.GatePendingSince.Record(since, signals.Tags(new KeyValuePair<string, object?>(SignalTags.Gate, gate.Name)));
        }
    }

    /// <summary>A gate that waits.</summary>
    public static void Raised(BackfillGate gate, PhaseSignals signals) => signals.Event(
        EventNames.GateRaised,
        gate.Passed ? EventSeverity.Info : EventSeverity.Warn,
        gate.Passed ? "Waits for a decision; every criterion is met." : $"Waits for a decision; not met: {string.Join(", ", gate.Criteria.Where(c => c.Passed == false).Select(c => c.Name))}.",
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
            new("backfill.gate.overridden", gate.Overridden));
    }
}
