namespace Backfill;

/// <summary>A plan that was made of chosen sessions, and what is to be known of it.</summary>
/// <param name="Plan">The plan, as it loads.</param>
/// <param name="Warnings">What was left out, and why.</param>
public sealed record SessionPlan(BackfillPlan Plan, ItemList<string> Warnings);

/// <summary>What a plan of chosen sessions is asked for.</summary>
public sealed record SessionPlanRequest
{
    /// <summary>The sessions, each once.</summary>
    public required IReadOnlyCollection<Guid> Sessions { get; init; }

    /// <summary>The target they are on; null makes a plan without looking.</summary>
    public required BackfillConnection? Connection { get; init; }

    /// <summary>The environment that the plan is for.</summary>
    public required BackfillEnvironment Environment { get; init; }

    /// <summary>The file, as a full path.</summary>
    public required string Path { get; init; }

    /// <summary>Whether a file that is there gives way.</summary>
    public bool Overwrite { get; init; }

    /// <summary>The plan's version; null derives one from the content.</summary>
    public string? Version { get; init; }

    /// <summary>What each batch is for; null says which sessions it holds.</summary>
    public string? Description { get; init; }

    /// <summary>The results version that profiles are to have.</summary>
    public string EngineVersion { get; init; } = HealthDefaults.EngineVersion;

    /// <summary>The version that FC scores are to have.</summary>
    public string FcVersion { get; init; } = HealthDefaults.FcVersion;

    /// <summary>Sessions a batch, at least 1.</summary>
    public int BatchSize { get; init; } = HealthDefaults.BatchSize;

    /// <summary>Session attempts a minute, at least 1.</summary>
    public int ThrottlePerMinute { get; init; } = HealthDefaults.ThrottlePerMinute;
}
