namespace Backfill;

/// <summary>What a health check came to.</summary>
public enum ProdHealthStatus
{
    /// <summary>No session of the window lacks anything that could be made.</summary>
    Healthy,

    /// <summary>Some do, and a plan for them was written; or completed sessions have no time, so that no window holds them.</summary>
    NeedsBackfill,

    /// <summary>No session was completed in the window, so nothing is known.</summary>
    NothingAnalyzed,
}

/// <summary>The health of a target's completed sessions, all figures of one moment.</summary>
public sealed record ProdHealthReport
{
    /// <summary>The target's environment.</summary>
    public required BackfillEnvironment Environment { get; init; }

    /// <summary>Sessions completed then or later were looked at, in UTC.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>How many those are.</summary>
    public required long SessionsAnalyzed { get; init; }

    /// <summary>Sessions without a profile of the version in force; <see cref="OutdatedVersions"/> are among them.</summary>
    public required int MissingProfiles { get; init; }

    /// <summary>Sessions without FC scores of the version and kind in force.</summary>
    public required int MissingFcScores { get; init; }

    /// <summary>Sessions whose profile is of another version, or names none.</summary>
    public required int OutdatedVersions { get; init; }

    /// <summary>Sessions that lack something that can be made.</summary>
    public required int NeedingBackfill { get; init; }

    /// <summary>Sessions that lack something, and nothing of it can be made.</summary>
    public required int NotBackfillable { get; init; }

    /// <summary>Completed sessions whose <c>completed_at</c> is null or infinite: in no window, and in none of the other figures.</summary>
    public long UndatedSessions { get; init; }

    /// <summary>The verdict: healthy only if nothing needs a backfill, and no completed session is without a time.</summary>
    public required ProdHealthStatus Status { get; init; }

    /// <summary>The plan that repairs it; null where none is needed.</summary>
    public required string? PlanPath { get; init; }

    /// <summary>Lower-case hexadecimal SHA-256 of the plan; null where none is needed.</summary>
    public required string? PlanHash { get; init; }

    /// <summary>How many sessions the plan holds: all that need it, or the oldest of very many.</summary>
    public required int Planned { get; init; }

    /// <summary>The report.</summary>
    public required string? ReportPath { get; init; }

    /// <summary>The database's time of the snapshot that all figures are of, in UTC.</summary>
    public required DateTimeOffset MeasuredAt { get; init; }

    /// <summary>How long the measurement took.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>The results version that was asked for.</summary>
    public required string EngineVersion { get; init; }

    /// <summary>The FC version that was asked for.</summary>
    public required string FcVersion { get; init; }

    /// <summary>What to do next, in order.</summary>
    public required ItemList<string> Recommendations { get; init; }
}
