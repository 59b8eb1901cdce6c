using Backfill.PowerShell.Tests.Module;

namespace Backfill.PowerShell.Tests.Telemetry;

/// <summary>What a shell needs in its environment to connect to the sandbox, and to export or not.</summary>
internal static class TelemetryShell
{
    /// <summary>The names of loaded OpenTelemetry assemblies, in all contexts and in the default one.</summary>
    public const string Loaded = """
        "all $(@([AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { $_.GetName().Name -like 'OpenTelemetry*' }).Count)"
        "default $(@([Runtime.Loader.AssemblyLoadContext]::Default.Assemblies | Where-Object { $_.GetName().Name -like 'OpenTelemetry*' }).Count)"

        """;

    private static readonly string[] Standard =
    [
        "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_HEADERS", "OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES",
        "OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER", "OTEL_LOGS_EXPORTER", "OTEL_SDK_DISABLED",
    ];

    /// <summary>The sandbox's settings and these; no standard variable of the machine's own.</summary>
    public static IReadOnlyDictionary<string, string?> Environment(SandboxFixture sandbox, params ReadOnlySpan<(string Name, string? Value)> more)
    {
        var environment = new Dictionary<string, string?>(sandbox.Settings);
        foreach (var name in Standard)
            environment[name] = null;
        foreach (var (name, value) in more)
            environment[name] = value;
        return environment;
    }
}
