using System.Runtime.CompilerServices;

namespace Backfill.Engine.Signals.Export;

/// <summary>
/// Starts the export of signals, once a process, where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names a collector, or the variable of one signal
/// (<c>OTEL_EXPORTER_OTLP_TRACES_ENDPOINT</c>) does; otherwise nothing of OpenTelemetry is loaded.
/// </summary>
internal static class OtlpSwitch
{
    private static readonly Lock Once = new();
    private static IDisposable? _export;

    public static void On()
    {
        if (!IsWanted())
            return;
        lock (Once)
        {
            if (_export is not null || SignalEvents.ExportProblem is not null)
                return;
            try
            {
                _export = Start();
            }
            catch (OtlpVariableException e)
            {
                SignalEvents.ExportProblem = $"Nothing is exported to a collector: {e.Message}. Correct it, and start PowerShell again.";
            }
#pragma warning disable CA1031 // Whatever it is: monitoring that can't begin keeps no run from its work.
            catch (Exception e)
#pragma warning restore CA1031
            {
                // Without its message, which may repeat a header's value.
                SignalEvents.ExportProblem =
                    $"Nothing is exported to a collector: what the OTEL_* variables say can't be used ({e.GetType().Name}). OTEL_EXPORTER_OTLP_ENDPOINT is an address like http://host:4318, OTEL_EXPORTER_OTLP_HEADERS a list like name=value,name=value.";
            }
        }
    }

    private static bool IsWanted() =>
        OtlpVariables.Signals.Any(OtlpVariables.IsExported)
        && !string.Equals(Environment.GetEnvironmentVariable("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase);

    // Apart, so that the assemblies of OpenTelemetry are not looked for before they are needed.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static OtlpExport Start() => OtlpExport.Start();
}
