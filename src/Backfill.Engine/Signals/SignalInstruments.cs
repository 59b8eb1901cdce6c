using System.Diagnostics.Metrics;

namespace Backfill.Engine.Signals;

/// <summary>All metrics. No label ever holds a session, a token or a key.</summary>
internal sealed class SignalInstruments(Meter meter)
{
    /// <summary>An annotation, without a slash: so names in Prometheus are the same by file and by OTLP.</summary>
    private const string PerMinute = "{session_per_minute}";

    public Counter<long> Sessions { get; } = meter.CreateCounter<long>(
        "backfill.sessions", "{session}", "Sessions settled by this process.");

    public Counter<long> Attempts { get; } = meter.CreateCounter<long>(
        "backfill.session.attempts", "{attempt}", "Session attempts sent by this process, as the pace counts them.");

    /// <summary>For calls that take from a twentieth of a second up to the platform's limit of 150 s.</summary>
    public Histogram<double> OperationDuration { get; } = meter.CreateHistogram<double>(
        "backfill.operation.duration",
        "s",
        "Calls of edge functions, from sending to the end of the answer.",
        advice: new() { HistogramBucketBoundaries = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 150] });

    public Counter<double> Waiting { get; } = meter.CreateCounter<double>(
        "backfill.waiting", "s", "Time that this process has waited, by cause.");

    public Counter<long> TakeOvers { get; } = meter.CreateCounter<long>(
        "backfill.lease.takeovers", "{session}", "Sessions taken over from workers that were lost.");

    public Counter<long> Decisions { get; } = meter.CreateCounter<long>(
        "backfill.gate.decisions", "{decision}", "Decisions taken by this process.");

    public Gauge<double> RunSessions { get; } = meter.CreateGauge<double>(
        "backfill.run.sessions", "{session}", "Sessions of the run by outcome, as the ledger has them.");

    public Gauge<double> RunRemaining { get; } = meter.CreateGauge<double>(
        "backfill.run.remaining", "{session}", "Sessions of the run that are not settled.");

    public Gauge<double> RunState { get; } = meter.CreateGauge<double>(
        "backfill.run.state", null, "1 for the state that the run is in, 0 for the others.");

    public Gauge<double> RunActivity { get; } = meter.CreateGauge<double>(
        "backfill.run.last_activity.timestamp", "s", "When this process last saw the run move, in Unix time.");

    public Gauge<double> BreakerOpen { get; } = meter.CreateGauge<double>(
        "backfill.breaker.open", null, "1 once failures have halted the run.");

    public Gauge<double> PaceLimit { get; } = meter.CreateGauge<double>(
        "backfill.pace.limit", PerMinute, "The most session attempts a minute.");

    public Gauge<double> PaceHighestLimit { get; } = meter.CreateGauge<double>(
        "backfill.pace.limit.highest", PerMinute, "The highest limit that was in force in the run, by the ledger.");

    public Gauge<double> PacePeak { get; } = meter.CreateGauge<double>(
        "backfill.pace.peak", PerMinute, "The most session attempts in any half-open 60 s window, by the ledger.");

    public Gauge<double> PaceAchieved { get; } = meter.CreateGauge<double>(
        "backfill.pace.achieved", PerMinute, "Session attempts a minute, between the first and the last start.");

    public Gauge<double> GuardHeld { get; } = meter.CreateGauge<double>(
        "backfill.guard.held", null, "1 while the run holds because one of the target's signals is over its limit.");

    public Gauge<double> GuardValue { get; } = meter.CreateGauge<double>(
        "backfill.guard.value", null, "A signal of the target's health, in the signal's own unit; NaN where it isn't measured.");

    public Gauge<double> GuardLimit { get; } = meter.CreateGauge<double>(
        "backfill.guard.limit", null, "From which value on the signal holds the run.");

    public Gauge<double> GatePendingSince { get; } = meter.CreateGauge<double>(
        "backfill.gate.pending_since.timestamp", "s", "Since when the gate waits for a decision, in Unix time; 0 once it does not.");

    public Gauge<double> SoakCheckActual { get; } = meter.CreateGauge<double>(
        "backfill.soak.check.actual", null, "Rows, events or sessions that are not as expected.");

    public Gauge<double> SoakCheckExpected { get; } = meter.CreateGauge<double>(
        "backfill.soak.check.expected", null, "How many there may be at most.");

    public Gauge<double> SoakCheckStatus { get; } = meter.CreateGauge<double>(
        "backfill.soak.check.status", null, "1 for the status that the check has, 0 for the others.");

    public Gauge<double> SoakNextSample { get; } = meter.CreateGauge<double>(
        "backfill.soak.next_sample.timestamp", "s", "When the soak's next sample is due, in Unix time; 0 once it has ended.");

    public Gauge<double> Conversion { get; } = meter.CreateGauge<double>(
        "backfill.soak.conversion", "1", "Completed sessions that have a profile.");

    public Gauge<double> ConversionUpper { get; } = meter.CreateGauge<double>(
        "backfill.soak.conversion.upper", "1", "The upper end of the 95 % interval of the conversion.");

    public Gauge<double> ConversionBaseline { get; } = meter.CreateGauge<double>(
        "backfill.soak.conversion.baseline", "1", "The conversion to reach.");

    public Gauge<double> HealthCandidates { get; } = meter.CreateGauge<double>(
        "backfill.health.candidates", "{session}", "Completed sessions that lack something, by whether they can be backfilled.");

    public Gauge<double> HealthChecked { get; } = meter.CreateGauge<double>(
        "backfill.health.checked.timestamp", "s", "When the target's health was last checked, in Unix time.");

    public Gauge<double> MetricsWritten { get; } = meter.CreateGauge<double>(
        "backfill.metrics.written.timestamp", "s", "When a phase last wrote its metrics, in Unix time.");
}
