namespace Backfill;

/// <summary>What a health check is asked for.</summary>
public sealed record HealthRequest
{
    /// <summary>The window, and the versions in force.</summary>
    public required HealthQuery Query { get; init; }

    /// <summary>The folder of report and plan, as a full path.</summary>
    public required string OutputPath { get; init; }

    /// <summary>Sessions a batch of the plan, at least 1.</summary>
    public int BatchSize { get; init; } = HealthDefaults.BatchSize;
}
