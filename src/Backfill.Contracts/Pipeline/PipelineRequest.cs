namespace Backfill;

/// <summary>What is asked of a pipeline.</summary>
public sealed record PipelineRequest
{
    /// <summary>The staging plan: its hash finds the run that the pipeline goes on with.</summary>
    public required BackfillPlan Plan { get; init; }

    /// <summary>The folder for all artifacts.</summary>
    public required string OutputPath { get; init; }

    /// <summary>Where a small JSON text is posted when a person should look; null for nowhere.</summary>
    public string? NotifyUri { get; init; }

    /// <summary>Session attempts a minute of a new run; null for the plan's.</summary>
    public int? ThrottlePerMinute { get; init; }

    /// <summary>Sessions in hand at once, of a new run.</summary>
    public int? ConcurrencyLimit { get; init; }

    /// <summary>When a new run's sessions may be begun; null for any time, or the plan's.</summary>
    public string? Hours { get; init; }

    /// <summary>
    /// After which batch, or how many sessions, a new run waits for the gate <c>BatchReview</c>; null for the plan's reviews only.
    /// </summary>
    public string? ReviewAfter { get; init; }

    /// <summary>How long a new soak watches; 6 h by default.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>From sample to sample; 5 min by default.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>The conversion to reach, from 0 to 1; 0.85 by default.</summary>
    public double? Baseline { get; init; }

    /// <summary>So many completed sessions are needed to pass the soak; 40 by default.</summary>
    public int? MinimumSample { get; init; }

    /// <summary>How long a completed session may take to be scored.</summary>
    public TimeSpan? GracePeriod { get; init; }

    /// <summary>Production health looks at sessions completed then or later.</summary>
    public DateTimeOffset Since { get; init; } = PlanBatch.DefaultSince;
}
