namespace Backfill;

/// <summary>What an operator asks of the apply phase.</summary>
public sealed record ApplyRequest
{
    /// <summary>The plan of a new run; null to go on with <see cref="RunId"/>.</summary>
    public BackfillPlan? Plan { get; init; }

    /// <summary>The run to go on with.</summary>
    public Guid? RunId { get; init; }

    /// <summary>The sessions to limit a new run to; null for all of the plan's.</summary>
    public IReadOnlySet<Guid>? Selected { get; init; }

    /// <summary>Session attempts a minute; null for the plan's.</summary>
    public int? ThrottlePerMinute { get; init; }

    /// <summary>Sessions in hand at once; null for 4.</summary>
    public int? ConcurrencyLimit { get; init; }

    /// <summary>Which sessions that are settled under the plan are done again.</summary>
    public BackfillReprocess Reprocess { get; init; }

    /// <summary>So many failures in a row halt the run; null for the default.</summary>
    public int? MaxConsecutiveFailures { get; init; }

    /// <summary>So great a part of failures halts the run, from 0 to 1; null for the default.</summary>
    public double? MaxFailureRatio { get; init; }

    /// <summary>How long after sending a call may still be committed; null for the target's.</summary>
    public TimeSpan? QuietPeriod { get; init; }

    /// <summary>How long a claim holds without a heartbeat; null for 60 s.</summary>
    public TimeSpan? Lease { get; init; }

    /// <summary>How long an answer is waited for; null for 160 s.</summary>
    public TimeSpan? CallTimeout { get; init; }

    /// <summary>How long a target that can't be reached is waited for; null for 2 min.</summary>
    public TimeSpan? UnreachableLimit { get; init; }

    /// <summary>
    /// When sessions may be begun, for example <c>Mo-Fr 22:00-06:00 Europe/Berlin</c>; null for the plan's hours, or any time.
    /// </summary>
    public string? Hours { get; init; }

    /// <summary>
    /// After which batch, or how many sessions, a new run waits for the gate <c>BatchReview</c>; null for the plan's reviews only.
    /// </summary>
    public string? ReviewAfter { get; init; }

    /// <summary>What the run is called; null leaves it as it is.</summary>
    public string? Name { get; init; }

    /// <summary>The ticket or change that it belongs to; null leaves it as it is.</summary>
    public string? Ticket { get; init; }

    /// <summary>Where a small JSON text is posted when a person should look; null for nowhere.</summary>
    public string? NotifyUri { get; init; }

    /// <summary>Where the artifacts go.</summary>
    public required string OutputPath { get; init; }

    /// <summary>Who runs it: user and host; null for this process's.</summary>
    public string? Operator { get; init; }
}

/// <summary>What a plan would do.</summary>
/// <param name="Batches">A line a batch.</param>
/// <param name="Calls">The calls, in order.</param>
/// <param name="Warnings">For the operator.</param>
public sealed record ApplyPreview(
    IReadOnlyList<string> Batches, IReadOnlyList<BackfillPlannedCall> Calls, IReadOnlyList<string> Warnings);

/// <summary>How the apply phase ended.</summary>
/// <param name="Run">The run.</param>
/// <param name="VerificationMet">Whether the expected changes are what happened; a run of some of the plan's sessions can't tell.</param>
/// <param name="Artifacts">The files written.</param>
/// <param name="Gate">The gate that it raised and that nobody has decided yet; null where there is none.</param>
public sealed record ApplyEnd(BackfillRun Run, bool VerificationMet, IReadOnlyList<string> Artifacts, BackfillGate? Gate = null)
{
    /// <summary>What could not be written, as one error; null where everything was.</summary>
    public BackfillException? Unwritten { get; init; }

    /// <summary>The gate in words, and which command decides it; null where there is none.</summary>
    public string? NextStep { get; init; }

    /// <summary>What to do about what went wrong, the most urgent first; empty where nothing did.</summary>
    public IReadOnlyList<string> NextSteps { get; init; } = [];
}
