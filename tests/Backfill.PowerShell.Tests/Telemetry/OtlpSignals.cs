
namespace Backfill.PowerShell.Tests.Telemetry;

/// <summary>A span that was exported.</summary>
internal sealed record ExportedSpan(
    string TraceId,
    string SpanId,
    string ParentId,
    string Name,
    ulong Kind,
    ulong Start,
    ulong End,
    ulong Status,
    string Scope,
    IReadOnlyDictionary<string, object?> Attributes)
{
    public const ulong Internal = 1;
    public const ulong Client = 3;
    public const ulong Error = 2;

    public string? Text(string attribute) => Attributes.GetValueOrDefault(attribute)?.ToString();
}

/// <summary>A figure that was exported, with its labels.</summary>
/// <param name="Value">Of a histogram, the sum.</param>
/// <param name="Count">Of a histogram, how many; otherwise 0.</param>
/// <param name="Bounds">Of a histogram.</param>
internal sealed record ExportedPoint(
    string Metric, string Kind, string Unit, double Value, ulong Count, IReadOnlyList<double> Bounds, IReadOnlyDictionary<string, object?> Attributes)
{
    public string? Text(string attribute) => Attributes.GetValueOrDefault(attribute)?.ToString();
}

/// <summary>A log record that was exported.</summary>
internal sealed record ExportedLog(
    string Event, ulong Severity, string Body, string TraceId, string SpanId, IReadOnlyDictionary<string, object?> Attributes)
{
    public string? Text(string attribute) => Attributes.GetValueOrDefault(attribute)?.ToString();
}

/// <summary>Reads the fields that matter here out of OTLP's export requests, by their numbers in its specification.</summary>
internal static class OtlpSignals
{
    private static readonly (int Field, string Name)[] Kinds = [(5, "gauge"), (7, "sum"), (9, "histogram")];

    public static IReadOnlyDictionary<string, object?> Resource(WireMessage request) =>
        Attributes(request.Message(1)!.Message(1)!, 1);

    public static IEnumerable<ExportedSpan> Spans(WireMessage request) =>
        from scope in Scopes(request)
        from span in scope.Messages(2)
        select new ExportedSpan(
            span.Hex(1), span.Hex(2), span.Hex(4), span.Text(5), span.Number(6), span.Number(7), span.Number(8),
            span.Message(15)?.Number(3) ?? 0, scope.Message(1)!.Text(1), Attributes(span, 9));

    public static IEnumerable<ExportedPoint> Points(WireMessage request) =>
        from scope in Scopes(request)
        from metric in scope.Messages(2)
        from kind in Kinds
        where metric.Has(kind.Field)
        from point in metric.Message(kind.Field)!.Messages(1)
        let isHistogram = kind.Name == "histogram"
        select new ExportedPoint(
            metric.Text(1),
            kind.Name,
            metric.Text(3),
            isHistogram ? point.Double(5) : point.Has(4) ? point.Double(4) : (long)point.Number(6),
            isHistogram ? point.Number(4) : 0,
            isHistogram ? point.Doubles(7) : [],
            Attributes(point, isHistogram ? 9 : 7));

    public static IEnumerable<ExportedLog> Logs(WireMessage request) =>
        from scope in Scopes(request)
        from log in scope.Messages(2)
        select new ExportedLog(
            log.Text(12), log.Number(2), Value(log.Message(5))?.ToString() ?? "", log.Hex(9), log.Hex(10), Attributes(log, 6));

    private static IEnumerable<WireMessage> Scopes(WireMessage request) => request.Messages(1).SelectMany(r => r.Messages(2));

    private static Dictionary<string, object?> Attributes(WireMessage holder, int field) =>
        holder.Messages(field).ToDictionary(a => a.Text(1), a => Value(a.Message(2)));

    private static object? Value(WireMessage? any) => any switch
    {
        null => null,
        _ when any.Has(1) => any.Text(1),
        _ when any.Has(2) => any.Number(2) != 0,
        _ when any.Has(3) => (long)any.Number(3),
        _ when any.Has(4) => any.Double(4),
        _ => null,
    };
}
