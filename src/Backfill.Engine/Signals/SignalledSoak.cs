using Backfill.Engine.Soak;
using Backfill.Engine.Soak.Checks;

namespace Backfill.Engine.Signals;

/// <summary>Tells what a soak finds twice: to the operator, and to whoever monitors.</summary>
internal sealed class SignalledSoakSink(ISoakSink sink, PhaseSignals signals) : ISoakSink
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    public void Taken(SoakSample sample)
    {
        var metrics = signals.Instruments;
        _names.UnionWith(sample.Checks.Select(c => c.Name));
        foreach (var name in _names)
        {
            var tag = new KeyValuePair<string, object?>(SignalTags.Check, name);
            var check = sample.Checks.FirstOrDefault(c => c.Name == name);
            metrics.SoakCheckActual.Record(SeenCount.Of(check, sample) ?? double.NaN, signals.Tags(tag));
            metrics.SoakCheckExpected.Record(Expected(name, sample), signals.Tags(tag));
            foreach (var status in Enum.GetValues<SoakCheckStatus>())
                metrics.SoakCheckStatus.Record(status == check?.Status ? 1 : 0, signals.Tags(tag, new(SignalTags.State, status)));
        }

        metrics.ConversionBaseline.Record(sample.Baseline, signals.Tags());
        metrics.Conversion.Record(sample.ConversionRate ?? double.NaN, signals.Tags());
        metrics.ConversionUpper.Record(sample.ConversionUpperBound ?? double.NaN, signals.Tags());
        signals.Event(
            EventNames.SoakSampled,
            sample.Verdict switch { SoakVerdict.Pass => EventSeverity.Info, SoakVerdict.Fail => EventSeverity.Error, _ => EventSeverity.Warn },
            sample.ToString(),
            new(SignalTags.RunId, sample.RunId),
            new("backfill.soak.sample.number", sample.Number),
            new("backfill.soak.sample.at", sample.At),
            new(SignalTags.State, sample.Verdict),
            new("backfill.soak.version_overrides", sample.VersionOverrides),
            new("backfill.soak.legacy_fc_scores", sample.LegacyFcScores),
            new("backfill.soak.completed_sessions", sample.CompletedSessions),
            new("backfill.soak.converted_sessions", sample.ConvertedSessions),
            new("backfill.soak.conversion", sample.ConversionRate));
        sink.Taken(sample);
    }

    public void Progressed(SoakProgress progress)
    {
        Next(progress.NextAt);
        sink.Progressed(progress);
    }

    public void Warn(string message)
    {
        signals.Event(EventNames.Warning, EventSeverity.Warn, message);
        sink.Warn(message);
    }

    public void Explain(string message) => sink.Explain(message);

    public void Milestone(string message, string tag)
    {
        if (tag is "SoakStarted" or "SoakContinued")
            signals.Event(EventNames.SoakStarted, EventSeverity.Info, message);
        sink.Milestone(message, tag);
    }

    /// <summary>The soak has ended, or was stopped.</summary>
    public void Ended(SoakEnd end)
    {
        // One that can go on is due still, and nobody watches it.
        if (!end.CanGoOn)
            Next(null);
        signals.Event(
            EventNames.SoakEnded,
            end.Verdict switch { SoakVerdict.Pass => EventSeverity.Info, SoakVerdict.Fail => EventSeverity.Error, _ => EventSeverity.Warn },
            end.Reason ?? $"The verdict is {end.Verdict}.",
            new(SignalTags.RunId, end.Soak.RunId),
            new(SignalTags.State, end.Verdict),
            new("backfill.soak.samples", end.Samples.Count),
            new("backfill.soak.can_go_on", end.CanGoOn));
    }

    /// <summary>None, but for conversion: what the baseline leaves of the completed sessions.</summary>
    private static double Expected(string name, SoakSample sample) =>
        name == SoakCheckNames.Conversion ? (1 - sample.Baseline) * sample.CompletedSessions ?? double.NaN : 0;

    private void Next(DateTimeOffset? due) =>
        signals.Instruments.SoakNextSample.Record(due is { } at ? UnixTime.Of(at) : 0, signals.Tags());
}

/// <summary>A probe whose measurements are spans.</summary>
internal sealed class TracedSoakProbe(ISoakProbe probe) : ISoakProbe
{
    public IReadOnlyList<SoakQuery> Queries => probe.Queries;

    public Task<SoakClockReading> ReadClockAsync(CancellationToken cancellationToken) => probe.ReadClockAsync(cancellationToken);

    public async Task<SoakFacts> MeasureAsync(SoakQuestion question, CancellationToken cancellationToken)
    {
        using var span = PhaseSignals.Source.StartActivity(SpanNames.SoakSample, System.Diagnostics.ActivityKind.Client)
            ?.SetTag("db.system.name", "postgresql").SetTag("backfill.soak.sample.number", question.Number);
        return await probe.MeasureAsync(question, cancellationToken).ConfigureAwait(false);
    }
}
