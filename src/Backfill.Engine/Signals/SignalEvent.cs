namespace Backfill.Engine.Signals;

/// <summary>How grave an event is, with the numbers of OpenTelemetry's log data model.</summary>
public enum EventSeverity
{
    /// <summary>As it should be.</summary>
    Info = 9,

    /// <summary>Degraded, or to be looked at.</summary>
    Warn = 13,

    /// <summary>Failed.</summary>
    Error = 17,
}

/// <summary>One state change, by OpenTelemetry's log data model. Never holds a secret.</summary>
/// <param name="Time">When, by this machine's clock.</param>
/// <param name="Severity">How grave it is.</param>
/// <param name="Name">What changed, for example <c>backfill.session.settled</c>; see <see cref="EventNames"/>.</param>
/// <param name="Body">In a sentence.</param>
/// <param name="Attributes">The figures; texts, numbers and truth values.</param>
/// <param name="TraceId">The trace it belongs to, 32 hex digits; null where there is none.</param>
/// <param name="SpanId">The span it happened in, 16 hex digits; null where there is none.</param>
public sealed record SignalEvent(
    DateTimeOffset Time,
    EventSeverity Severity,
    string Name,
    string Body,
    IReadOnlyList<KeyValuePair<string, object?>> Attributes,
    string? TraceId,
    string? SpanId);

/// <summary>Where events go beside the file: to an exporter, where one listens.</summary>
public static class SignalEvents
{
    /// <summary>Raised for each event, on the thread and in the span in which it happened.</summary>
    public static event Action<SignalEvent>? Published;

    /// <summary>Why nothing is exported, though it was asked for; each phase that writes files warns of it.</summary>
    internal static string? ExportProblem { get; set; }

    /// <summary>Whether anybody listens.</summary>
    internal static bool HasListeners => Published is not null;

    internal static void Publish(SignalEvent item) => Published?.Invoke(item);
}
