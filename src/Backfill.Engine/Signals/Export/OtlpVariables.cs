using System.Globalization;

namespace Backfill.Engine.Signals.Export;

/// <summary>
/// The variables that OpenTelemetry's specification has for an exporter: for one signal (<c>OTEL_EXPORTER_OTLP_TRACES_ENDPOINT</c>), which
/// come first, and for all (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c>). An empty one is none.
/// </summary>
internal static class OtlpVariables
{
    private const string Prefix = "OTEL_EXPORTER_OTLP_";

    /// <summary>What is exported, as the variables name it.</summary>
    public static readonly string[] Signals = ["TRACES", "METRICS", "LOGS"];

    /// <summary>What is about TLS, and is heeded for all signals only.</summary>
    private static readonly string[] OfAllOnly = ["CERTIFICATE", "CLIENT_CERTIFICATE", "CLIENT_KEY"];

    /// <summary>
    /// A signal goes out where a collector is named for it or for all, and <c>OTEL_TRACES_EXPORTER</c> and its like don't say
    /// otherwise.
    /// </summary>
    public static bool IsExported(string signal) =>
        (OfSignal(signal, "ENDPOINT") ?? OfAll("ENDPOINT")) is not null
        && (Read($"OTEL_{signal}_EXPORTER") is not { } chosen
            || chosen.Split(',').Any(e => string.Equals(e.Trim(), "otlp", StringComparison.OrdinalIgnoreCase)));

    /// <summary>The value for one signal; null where only that for all holds.</summary>
    public static string? OfSignal(string signal, string name) => Read($"{Prefix}{signal}_{name}");

    /// <summary>Whether what holds for a signal is gRPC; HTTP and protobuf is what the specification asks for by default.</summary>
    /// <exception cref="OtlpVariableException">It is neither.</exception>
    public static bool IsGrpc(string signal) => Choose(signal, "PROTOCOL", "http/protobuf", "grpc") == "grpc";

    /// <summary>Whether requests are compressed.</summary>
    /// <exception cref="OtlpVariableException">It is neither <c>gzip</c> nor <c>none</c>.</exception>
    public static bool IsCompressed(string signal) => Choose(signal, "COMPRESSION", "none", "gzip") == "gzip";

    /// <summary>Where a signal alone goes, taken as it is: no path is added.</summary>
    /// <exception cref="OtlpVariableException">It is no address.</exception>
    public static Uri? Endpoint(string signal) =>
        OfSignal(signal, "ENDPOINT") is not { } text ? null
        : Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri
        : throw new OtlpVariableException($"{Prefix}{signal}_ENDPOINT", "is no address like http://host:4318/v1/traces");

    /// <summary>How long an export of a signal may take, in milliseconds.</summary>
    /// <exception cref="OtlpVariableException">It is no number.</exception>
    public static int? TimeoutMs(string signal) =>
        OfSignal(signal, "TIMEOUT") is not { } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var timeout) ? timeout
        : throw new OtlpVariableException($"{Prefix}{signal}_TIMEOUT", "is no number of milliseconds");

    /// <summary>Refuses what can't be heeded, rather than trust another certificate than was asked for.</summary>
    /// <exception cref="OtlpVariableException">Certificates of one signal.</exception>
    public static void RefuseUnheeded(string signal)
    {
        foreach (var name in OfAllOnly.Where(n => OfSignal(signal, n) is { } own && own != OfAll(n)))
            throw new OtlpVariableException($"{Prefix}{signal}_{name}", $"is not supported; {Prefix}{name} is, for all signals");
    }

    private static string Choose(string signal, string name, string byDefault, string other)
    {
        var (variable, value) = OfSignal(signal, name) is { } own
            ? ($"{Prefix}{signal}_{name}", own)
            : ($"{Prefix}{name}", OfAll(name) ?? byDefault);
        return value == byDefault || value == other ? value
            : throw new OtlpVariableException(variable, $"must be {byDefault} or {other}");
    }

    private static string? OfAll(string name) => Read(Prefix + name);

    private static string? Read(string name) =>
        Environment.GetEnvironmentVariable(name)?.Trim() is { Length: > 0 } value ? value : null;
}

/// <summary>A variable that can't be used. Its message names it and never its value, which may be a secret.</summary>
internal sealed class OtlpVariableException(string variable, string problem) : Exception($"{variable} {problem}");
