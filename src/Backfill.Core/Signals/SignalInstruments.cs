using System.Diagnostics.Metrics;

namespace Backfill.Signals;

/// <summary>All metrics. No label ever holds a session, a token or a key.</summary>
internal sealed class SignalInstruments(Meter meter)
{
    /// <summary>Bounds in seconds, for calls that take from a twentieth of a second up to the platform's limit of 150 s.</summary>
    public static readonly IReadOnlyList<double> CallBounds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 150];

    public Counter<long> Sessions { get; } = meter.CreateCounter<long>(
        "backfill.sessions", "{session}", "Sessions settled by this process.");

    public Histogram<double> OperationDuration { get; } = meter.CreateHistogram<double>(
        "backfill.operation.duration",
        "s",
        "Calls of edge functions, from sending to the end of the answer.",
        null,
        new() { HistogramBucketBoundaries = CallBounds });

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
        "backfill.run.last_activity.timestamp", "s", "When this process last heard that the run had moved, in Unix time.");

    public Gauge<double> BreakerOpen { get; } = meter.CreateGauge<double>(
        "backfill.breaker.open", null, "1 once failures have halted the run.");

    public Gauge<double> PaceLimit { get; } = meter.CreateGauge<double>(
        "backfill.pace.limit", "{session}/min", "The most session attempts a minute.");

    public Gauge<double> PacePeak { get; } = meter.CreateGauge<double>(
        "backfill.pace.peak", "{session}/min", "The most session attempts in any half-open 60 s window, by the ledger.");

    public Gauge<double> PaceAchieved { get; } = meter.CreateGauge<double>(
        "backfill.pace.achieved", "{session}/min", "Session attempts a minute, between the first and the last start.");

    public Gauge<double> GatePendingSince { get; } = meter.CreateGauge<double>(
        "backfill.gate.pending_since.timestamp", "s", "Since when the gate waits for a decision, in Unix time; 0 once it does not.");

    public Gauge<double> SoakCheckActual { get; } = meter.CreateGauge<double>(
        "backfill.soak.check.actual", null, "Rows, events or sessions that are not as expected.");

    public Gauge<double> SoakCheckExpected { get; } = meter.CreateGauge<double>(
        "backfill.soak.check.expected", null, "How many there may be.");

    public Gauge<double> SoakCheckStatus { get; } = meter.CreateGauge<double>(
        "backfill.soak.check.status", null, "1 for the status that the check has, 0 for the others.");

    public Gauge<double> Conversion { get; } = meter.CreateGauge<double>(
        "backfill.soak.conversion", "1", "Completed sessions that have a profile.");

    public Gauge<double> ConversionUpper { get; } = meter.CreateGauge<double>(
        "backfill.soak.conversion.upper", "1", "The upper end of the 95 % interval of the conversion.");

    public Gauge<double> ConversionBaseline { get; } = meter.CreateGauge<double>(
        "backfill.soak.conversion.baseline", "1", "The conversion to reach.");

    public Gauge<double> HealthCandidates { get; } = meter.CreateGauge<double>(
        "backfill.health.candidates", "{session}", "Completed sessions that lack something, by whether they can be backfilled.");
}
