using Backfill.Engine.Profiles;

namespace Backfill.Engine.Plans;

/// <summary>A plan that is to be written.</summary>
internal sealed record NewPlan
{
    /// <summary>The plan's version; null derives one from the content, so that the same content gives the same bytes.</summary>
    public string? Version { get; init; }

    /// <summary>What a derived version begins with.</summary>
    public required string VersionPrefix { get; init; }

    public DateTimeOffset? Timestamp { get; init; }

    public required BackfillEnvironment Environment { get; init; }

    public required string EngineVersion { get; init; }

    public required string FcVersion { get; init; }

    public required int ThrottlePerMinute { get; init; }

    public required int BatchSize { get; init; }

    public required IReadOnlyList<PlanBatch> Batches { get; init; }

    /// <summary>Empty where nothing is known: the reader then compares nothing, and does not complain.</summary>
    public required ExpectedChanges Changes { get; init; }

    /// <summary>Another project: its function and tables are described in the plan.</summary>
    public DeclaredProject? Project { get; init; }

    public int Sessions => Batches.Sum(b => b.Sessions.Count);
}
