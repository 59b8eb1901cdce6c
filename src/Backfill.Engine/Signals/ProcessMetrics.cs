using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Backfill.Engine.Signals;

/// <summary>
/// The meter named <c>Backfill</c>, one for the process. Phases come and go, each with a meter of its own for its own file; whoever
/// exports would get the same metric with the same labels from several of them at once, and counters that begin again.
/// </summary>
internal static class ProcessMetrics
{
    /// <summary>The name of a phase's own meter; none but this and the phase's file listen to it.</summary>
    public const string PhaseMeter = "Backfill.Phase";

    private static readonly Meter Meter = new(PhaseSignals.Name, ModuleInfo.Version);

    private static readonly ConcurrentDictionary<string, Instrument> Twins = new(StringComparer.Ordinal);

    private static readonly MeterListener Listener = Listen();

    /// <summary>A meter for a phase; what it measures is measured for the process too.</summary>
    public static Meter NewPhase()
    {
        // Named, so that it is there before the first instrument is.
        GC.KeepAlive(Listener);
        return new(PhaseMeter, ModuleInfo.Version);
    }

    private static MeterListener Listen()
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == PhaseMeter)
                    self.EnableMeasurementEvents(instrument, Twins.GetOrAdd(instrument.Name, _ => TwinOf(instrument)));
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, twin) => ((Counter<long>)twin!).Add(value, tags));
        listener.SetMeasurementEventCallback<double>((_, value, tags, twin) =>
        {
            switch (twin)
            {
                case Counter<double> counter:
                    counter.Add(value, tags);
                    break;
                case Histogram<double> histogram:
                    histogram.Record(value, tags);
                    break;
                case Gauge<double> gauge:
                    gauge.Record(value, tags);
                    break;
            }
        });
        listener.Start();
        return listener;
    }

    private static Instrument TwinOf(Instrument instrument) => instrument switch
    {
        Counter<long> => Meter.CreateCounter<long>(instrument.Name, instrument.Unit, instrument.Description),
        Counter<double> => Meter.CreateCounter<double>(instrument.Name, instrument.Unit, instrument.Description),
        Histogram<double> histogram =>
            Meter.CreateHistogram(instrument.Name, instrument.Unit, instrument.Description, null, histogram.Advice),
        Gauge<double> => Meter.CreateGauge<double>(instrument.Name, instrument.Unit, instrument.Description),
        _ => throw new InvalidOperationException($"{instrument.GetType()} is none of the kinds that are measured here."),
    };
}
