using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Backfill.Engine.Signals.Export;

/// <summary>
/// Traces, metrics and logs to a collector, as the standard <c>OTEL_*</c> variables say. Batches go out on threads of their own; a
/// collector that is down or slow makes them be dropped, and never holds a run up.
/// </summary>
internal sealed class OtlpExport : IDisposable
{
    /// <summary>No end of a process waits longer for a collector.</summary>
    private const int PatienceMs = 2000;

    private const string ServiceName = "backfill";

    private readonly OpenTelemetrySdk _sdk;
    private readonly ILogger _logger;

    private OtlpExport()
    {
        _sdk = OpenTelemetrySdk.Create(builder => builder
            .ConfigureResource(Describe)
            .If(OtlpVariables.IsExported("TRACES"), b => b.WithTracing(
                traces => traces.AddSource(PhaseSignals.Name).AddOtlpExporter(o => Choose(o, "TRACES"))))
            .If(OtlpVariables.IsExported("METRICS"), b => b.WithMetrics(
                metrics => metrics.AddMeter(PhaseSignals.Name).AddOtlpExporter(o => Choose(o, "METRICS"))))
            .If(OtlpVariables.IsExported("LOGS"), b => b.WithLogging(logs => logs.AddOtlpExporter(o => Choose(o, "LOGS")))));
        _logger = _sdk.GetLoggerFactory().CreateLogger(PhaseSignals.Name);
        SignalEvents.Published += Log;
        AppDomain.CurrentDomain.ProcessExit += OnExit;
    }

    public static OtlpExport Start() => new();

    /// <summary>The end of the process: sends what waits, for a short while at most.</summary>
    private void Flush() => Task.WaitAll(
        [
            Task.Run(() => _sdk.TracerProvider.ForceFlush(PatienceMs)),
            Task.Run(() => _sdk.MeterProvider.ForceFlush(PatienceMs)),
            Task.Run(() => _sdk.LoggerProvider.ForceFlush(PatienceMs)),
        ],
        PatienceMs);

    public void Dispose()
    {
        SignalEvents.Published -= Log;
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        _sdk.Dispose();
    }

    private void OnExit(object? sender, EventArgs e) => Flush();

    private void Log(SignalEvent item) => _logger.Log(
        item.Severity switch
        {
            EventSeverity.Error => LogLevel.Error,
            EventSeverity.Warn => LogLevel.Warning,
            _ => LogLevel.Information,
        },
        new EventId(0, item.Name),
        item.Attributes,
        null,
        (_, _) => item.Body);

    /// <summary>The library heeds the variables for all signals; those for one are taken here.</summary>
    private static void Choose(OtlpExporterOptions options, string signal)
    {
        OtlpVariables.RefuseUnheeded(signal);
        options.Protocol = OtlpVariables.IsGrpc(signal) ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
        options.Compression = OtlpVariables.IsCompressed(signal) ? OtlpExportCompression.GZip : OtlpExportCompression.None;
        if (OtlpVariables.Endpoint(signal) is { } endpoint)
            options.Endpoint = endpoint;
        if (OtlpVariables.OfSignal(signal, "HEADERS") is { } headers)
            options.Headers = headers;
        if (OtlpVariables.TimeoutMs(signal) is { } timeout)
            options.TimeoutMilliseconds = timeout;
    }

    /// <summary>What the variables say of the service comes last, and so goes before what is said here.</summary>
    private static void Describe(ResourceBuilder resource) => resource
        .Clear()
        .AddTelemetrySdk()
        .AddService(ServiceName, serviceVersion: ModuleInfo.Version)
        .AddEnvironmentVariableDetector();
}

/// <summary>A builder's step that is taken or left out.</summary>
file static class Steps
{
    public static IOpenTelemetryBuilder If(
        this IOpenTelemetryBuilder builder, bool condition, Func<IOpenTelemetryBuilder, IOpenTelemetryBuilder> step) =>
        condition ? step(builder) : builder;
}
