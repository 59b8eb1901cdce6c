using Backfill.PowerShell.Tests.Module;

namespace Backfill.PowerShell.Tests.Telemetry;

/// <summary>What turns the export on and off, and what a collector can't do to a run.</summary>
[Collection(SandboxTests.Name)]
public sealed class OtlpSettingTests(SandboxFixture sandbox) : IDisposable
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private const string Apply = """
        $results = @(Invoke-BackfillApply plan.json -ThrottlePerMinute 1200 -Reprocess All -WarningVariable warned)
        "$($results.Outcome)"

        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Without_an_endpoint_nothing_of_OpenTelemetry_is_loaded() =>
        Assert.Equal(["Succeeded", "all 0", "default 0"], await RunAsync(Apply + TelemetryShell.Loaded));

    [Fact]
    public async Task A_disabled_SDK_exports_nothing()
    {
        using var collector = new OtlpReceiver();
        Assert.Equal(
            ["Succeeded", "all 0", "default 0"],
            await RunAsync(Apply + TelemetryShell.Loaded, (Endpoint, collector.Address), ("OTEL_SDK_DISABLED", "true")));
        Assert.Empty(collector.Requests);
    }

    [Fact]
    public async Task A_signal_that_is_not_wanted_is_not_exported_and_the_others_are()
    {
        using var collector = new OtlpReceiver();
        await RunAsync(
            Apply,
            (Endpoint, collector.Address),
            ("OTEL_TRACES_EXPORTER", "none"),
            ("OTEL_METRICS_EXPORTER", "otlp"),
            ("OTEL_RESOURCE_ATTRIBUTES", "service.name=named-by-attributes"));
        Assert.Equal(["/v1/logs", "/v1/metrics"], collector.Requests.Select(r => r.Path).Distinct().Order(StringComparer.Ordinal));
        Assert.All(collector.Resources, r => Assert.Equal("named-by-attributes", r["service.name"]));
        // The trace is told of nevertheless, as in the file.
        Assert.Single(collector.Logs.Where(l => l.Event.StartsWith("backfill.session", StringComparison.Ordinal)).Select(l => l.TraceId).Distinct());
    }

    [Fact]
    public async Task The_variables_of_one_signal_come_before_those_of_all()
    {
        using var all = new OtlpReceiver();
        using var traces = new OtlpReceiver();
        await RunAsync(
            Apply,
            (Endpoint, all.Address),
            ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer all"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", $"{traces.Address.TrimEnd('/')}/own/traces"),
            ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "authorization=Bearer traces"),
            ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/protobuf"),
            ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "5000"),
            ("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "http/protobuf"),
            ("OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "http/protobuf"));

        Assert.Equal([("/own/traces", "Bearer traces")], traces.Requests.Select(r => (r.Path, r.Authorization)).Distinct());
        Assert.Equal(
            [("/v1/logs", "Bearer all"), ("/v1/metrics", "Bearer all")],
            all.Requests.Select(r => (r.Path, r.Authorization)).Distinct().OrderBy(r => r.Path, StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_collector_for_one_signal_gets_that_signal_only()
    {
        using var collector = new OtlpReceiver();
        await RunAsync(Apply, ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", $"{collector.Address.TrimEnd('/')}/v1/traces"));
        Assert.Equal(["/v1/traces"], collector.Requests.Select(r => r.Path).Distinct());
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/json")]
    [InlineData("OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE", "/hush/ca.pem")]
    public async Task Variables_that_can_not_be_heeded_are_named(string name, string value)
    {
        using var collector = new OtlpReceiver();
        var lines = await RunAsync(Apply + "\"$warned\"", (Endpoint, collector.Address), (name, value));
        Assert.Equal("Succeeded", lines[0]);
        Assert.Contains(name, lines[1], StringComparison.Ordinal);
        Assert.DoesNotContain("hush", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_collector_that_never_answers_changes_nothing()
    {
        using var collector = new SilentCollector();
        var lines = await RunAsync(Apply + "\"warnings: $warned\"", (Endpoint, collector.Address));
        Assert.Equal("Succeeded", lines[0]);
        Assert.DoesNotContain("collector", string.Join('\n', lines), StringComparison.Ordinal);
        Assert.True(collector.Connections > 0);
    }

    [Fact]
    public async Task Variables_that_make_no_sense_turn_the_export_off_with_a_warning_and_fail_no_run()
    {
        using var collector = new OtlpReceiver();
        var lines = await RunAsync(
            Apply + "\"$warned\"", (Endpoint, collector.Address), ("OTEL_EXPORTER_OTLP_HEADERS", "no-equals-sign-hush"));
        Assert.Equal("Succeeded", lines[0]);
        Assert.Contains("OTEL_EXPORTER_OTLP_HEADERS", lines[1], StringComparison.Ordinal);
        Assert.DoesNotContain("hush", lines[1], StringComparison.Ordinal);
        Assert.Empty(collector.Requests);
    }

    private async Task<IReadOnlyList<string>> RunAsync(string script, params (string Name, string? Value)[] settings)
    {
        _folder.WritePlan("plan.json", new Guid("618c5ea6-aeda-4084-9156-0aac9643afd3"));
        var result = await ShellProcess.RunAsync(SandboxFixture.Script(_folder, script), environment: TelemetryShell.Environment(sandbox, settings));
        result.Succeeded();
        return result.Lines;
    }
}
