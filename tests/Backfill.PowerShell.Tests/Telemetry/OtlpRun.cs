using Backfill.PowerShell.Tests.Module;

namespace Backfill.PowerShell.Tests.Telemetry;

/// <summary>One process that exports: a run, its gate, its soak and its rollback, then a run with a failure, one that is refused, and a health check.</summary>
public sealed class OtlpRun(SandboxFixture sandbox) : IAsyncLifetime
{
    /// <summary>What the collector asks for, given in the standard variable.</summary>
    public const string CollectorToken = "collector-token-9f31";

    private readonly TemporaryFolder _folder = new();

    internal OtlpReceiver Collector { get; } = new();

    /// <summary>The run of two sessions that went well.</summary>
    public string Good { get; private set; } = "";

    /// <summary>The run of a session that is not there.</summary>
    public string Bad { get; private set; } = "";

    /// <summary>The error of going on with a run that is rolled back.</summary>
    public string Refusal { get; private set; } = "";

    /// <summary>What the process printed of its assemblies.</summary>
    public IReadOnlyList<string> Loaded { get; private set; } = [];

    /// <summary>The keys and the password of the sandbox.</summary>
    internal IReadOnlyList<string> Secrets =>
    [
        sandbox.Settings["SUPABASE_SERVICE_ROLE_KEY"]!, sandbox.Settings["SUPABASE_ANON_KEY"]!,
        new Uri(sandbox.Settings["SUPABASE_DB_URL"]!).UserInfo.Split(':')[1],
    ];

    /// <summary>The lines of its file, by which the exported records are judged.</summary>
    internal IReadOnlyList<string> Events { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        _folder.WritePlan("good.json", new("618c5ea6-aeda-4084-9156-0aac9643afd3"), new("070d9bf2-516f-44ee-87fc-017c7db9d29c"));
        _folder.WritePlan("bad.json", Guid.NewGuid());
        var result = await ShellProcess.RunAsync(
            SandboxFixture.Script(_folder, """
                $null = Invoke-BackfillApply good.json -ThrottlePerMinute 1200 -Reprocess All
                $good = Get-BackfillRun -Latest
                $null = Confirm-BackfillGate ApplyReview $good.RunId -Reason 'a test' -Confirm:$false
                $null = Start-StagingSoak -RunId $good.RunId -Duration 1s -Interval 500ms -TokenSample 3
                $null = $good | Invoke-BackfillRollback -Reason 'a test' -Confirm:$false
                $null = Invoke-BackfillApply bad.json -ThrottlePerMinute 1200 -ErrorAction SilentlyContinue
                $refused = Id { Invoke-BackfillApply -RunId $good.RunId }
                $null = Test-ProdHealth
                "$($good.RunId)"
                "$((Get-BackfillRun -Latest).RunId)"
                $refused

                """ + TelemetryShell.Loaded),
            environment: TelemetryShell.Environment(
                sandbox,
                ("OTEL_EXPORTER_OTLP_ENDPOINT", Collector.Address),
                ("OTEL_EXPORTER_OTLP_HEADERS", $"Authorization=Bearer {CollectorToken}"),
                ("OTEL_SERVICE_NAME", "backfill-of-the-test"),
                ("OTEL_RESOURCE_ATTRIBUTES", "team.name=data,service.name=overruled")));
        result.Succeeded();
        (Good, Bad, Refusal, Loaded) = (result.Lines[0], result.Lines[1], result.Lines[2], [.. result.Lines.Skip(3)]);
        Events = await File.ReadAllLinesAsync(Path.Combine(_folder.FullName, "backfill_logs", "events.jsonl"));
    }

    public ValueTask DisposeAsync()
    {
        Collector.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
