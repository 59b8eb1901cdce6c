namespace Backfill;

/// <summary>What is asked of a soak. Null takes the default, or what an open soak of the run was begun with.</summary>
public sealed record SoakRequest
{
    /// <summary>The run it is for: samples and verdict are kept in the ledger with it. Null: a report only.</summary>
    public Guid? RunId { get; init; }

    /// <summary>Looks back from now to then, instead of watching.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>How long to watch; 6 h by default.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>From sample to sample; 5 min by default.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>The conversion to reach, from 0 to 1; 0.85 by default.</summary>
    public double? Baseline { get; init; }

    /// <summary>So many completed sessions are needed to pass; 40 by default.</summary>
    public int? MinimumSample { get; init; }

    /// <summary>Sessions whose tokens are tried each time; 20 by default.</summary>
    public int? TokenSample { get; init; }

    /// <summary>How long a completed session may take to be scored; 10 min by default, at most a sixth of the window.</summary>
    public TimeSpan? GracePeriod { get; init; }

    /// <summary>The engine version in force; by default the run's, or <c>v1.2.1</c>.</summary>
    public string? EngineVersion { get; init; }

    /// <summary>The forced-choice version in force; by default the run's, or <c>v1.2</c>.</summary>
    public string? FcVersion { get; init; }

    /// <summary>So many samples in a row that can't be taken end the soak.</summary>
    public int MaxFailedSamples { get; init; } = SoakDefaults.MaxFailedSamples;

    /// <summary>Whether the first failed check ends the soak.</summary>
    public bool StopOnFailure { get; init; }

    /// <summary>Where a small JSON text is posted when a person should look; null for nowhere.</summary>
    public string? NotifyUri { get; init; }

    /// <summary>The folder for the report.</summary>
    public required string OutputPath { get; init; }
}

/// <summary>Settings where nobody names any.</summary>
public static class SoakDefaults
{
    /// <summary>The conversion to reach, from 0 to 1.</summary>
    public const double Baseline = 0.85;

    /// <summary>So many completed sessions are needed to pass.</summary>
    public const int MinimumSample = 40;

    /// <summary>Sessions whose tokens are tried each time.</summary>
    public const int TokenSample = 20;

    /// <summary>So many samples in a row that can't be taken end the soak.</summary>
    public const int MaxFailedSamples = 5;

    /// <summary>The engine version in force.</summary>
    public const string EngineVersion = "v1.2.1";

    /// <summary>The forced-choice version in force.</summary>
    public const string FcVersion = "v1.2";

    /// <summary>How long to watch.</summary>
    public static readonly TimeSpan Duration = TimeSpan.FromHours(6);

    /// <summary>From sample to sample.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    /// <summary>Two calls of a worker's longest life, 400 s, in all but the rarest case.</summary>
    public static readonly TimeSpan GracePeriod = TimeSpan.FromMinutes(10);
}
