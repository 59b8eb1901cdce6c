using System.Runtime.CompilerServices;

namespace Backfill.Supabase.Signals;

/// <summary>
/// Starts the export of signals, once a process, where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names a collector; otherwise nothing of
/// OpenTelemetry is loaded.
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
            _export ??= Start();
    }

    /// <summary>Sends what waits, for a short while at most.</summary>
    public static void Flush()
    {
        if (_export is not null)
            FlushExport();
    }

    private static bool IsWanted() =>
        !string.IsNullOrWhiteSpace(Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT"))
        && !string.Equals(Environment.GetEnvironmentVariable("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase);

    // Apart, so that the assemblies of OpenTelemetry are not looked for before they are needed.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static OtlpExport Start() => OtlpExport.Start();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void FlushExport() => ((OtlpExport)_export!).Flush();
}
