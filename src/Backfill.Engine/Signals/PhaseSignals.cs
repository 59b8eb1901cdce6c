using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Backfill.Engine.Signals;

/// <summary>
/// The signals of one phase: spans and metrics named <c>Backfill</c> for whoever listens in this process, and events and metrics in
/// files beside the artifacts. Nothing here can slow or fail a run.
/// </summary>
internal sealed class PhaseSignals : IDisposable
{
    /// <summary>The name of the <see cref="ActivitySource"/> and of the <see cref="Meter"/>.</summary>
    public const string Name = "Backfill";

    public static readonly ActivitySource Source = new(Name, ModuleInfo.Version);

    private readonly Meter _meter = ProcessMetrics.NewPhase();
    private readonly TimeProvider _time;
    private readonly ActivityListener? _listener;
    private readonly EventLog? _events;
    private readonly MetricsFile? _metrics;
    private readonly KeyValuePair<string, object?> _environment;

    private PhaseSignals(BackfillConnection connection, string? outputPath, Action<string> warn, TimeProvider time)
    {
        _time = time;
        Environment = connection.Environment?.ToString().ToLowerInvariant() ?? "unknown";
        _environment = new(SignalTags.Environment, Environment);
        Instruments = new(_meter);
        if (outputPath is null)
            return;
        var logs = Path.Combine(outputPath, "backfill_logs");
        _events = new(Path.Combine(logs, "events.jsonl"), warn);
        _metrics = new(
            Path.Combine(logs, "metrics.prom"), _meter, warn, () => Instruments.MetricsWritten.Record(
                UnixTime.Of(time.GetUtcNow()), Tags()));
        // Events name their trace, whether anybody exports it or not.
        _listener = new()
        {
            // By name: the source may be in the making when it is asked about.
            ShouldListenTo = source => source.Name == Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.PropagationData,
        };
        ActivitySource.AddActivityListener(_listener);
        if (SignalEvents.ExportProblem is { } problem)
            warn(problem);
    }

    /// <summary><c>staging</c>, <c>production</c> or <c>unknown</c>.</summary>
    public string Environment { get; }

    public SignalInstruments Instruments { get; }

    /// <summary>Opens the signals of a phase.</summary>
    /// <param name="connection">The target.</param>
    /// <param name="outputPath">Where its artifacts go; null where it has none, and so writes no files.</param>
    /// <param name="warn">Takes what goes wrong with the files.</param>
    /// <param name="time">The clock.</param>
    public static PhaseSignals Open(BackfillConnection connection, string? outputPath, Action<string> warn, TimeProvider time) =>
        new(connection, outputPath, warn, time);

    /// <summary>The labels of a metric: the environment, and these.</summary>
    public TagList Tags(params ReadOnlySpan<KeyValuePair<string, object?>> more)
    {
        var tags = new TagList { _environment };
        // error.type, for one, is there only where something failed.
        foreach (var tag in more)
        {
            if (tag.Value is not null)
                tags.Add(tag);
        }

        return tags;
    }

    /// <summary>
    /// Waits for a phase's work; an exception that ends it is its span's error, by its stable code and without its message.
    /// </summary>
    public static async Task<T> TraceAsync<T>(Activity? span, Task<T> work)
    {
        try
        {
            return await work.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            span?.SetTag(SignalTags.Category, (e as BackfillException)?.Code ?? e.GetType().FullName).SetStatus(ActivityStatusCode.Error);
            throw;
        }
    }

    /// <summary>A session that was spared has a category, and no error.</summary>
    public static BackfillCategory? ErrorOf(BackfillSessionResult result) =>
        result.Outcome == BackfillOutcome.Skipped ? null : result.Category;

    public void Event(
        string name, EventSeverity severity, string body, params ReadOnlySpan<KeyValuePair<string, object?>> attributes)
    {
        if (_events is null && !SignalEvents.HasListeners)
            return;
        var known = new List<KeyValuePair<string, object?>>(attributes.Length + 1) { _environment };
        foreach (var attribute in attributes)
        {
            if (attribute.Value is not null)
                known.Add(attribute);
        }

        var activity = Activity.Current;
        var item = new SignalEvent(
            _time.GetUtcNow(),
            severity,
            name,
            body,
            known,
            activity?.TraceId.ToHexString(),
            activity?.SpanId.ToHexString());
        _events?.Add(item);
        SignalEvents.Publish(item);
    }

    public void Dispose()
    {
        _metrics?.Dispose();
        _events?.Dispose();
        _listener?.Dispose();
        _meter.Dispose();
    }
}
