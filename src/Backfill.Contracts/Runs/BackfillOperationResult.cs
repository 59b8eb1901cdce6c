namespace Backfill;

/// <summary>The last attempt at one operation of a session.</summary>
public sealed record BackfillOperationResult
{
    /// <summary>The edge function.</summary>
    public required string Function { get; init; }

    /// <summary>The HTTP status, or null where none came or none was asked for.</summary>
    public int? StatusCode { get; init; }

    /// <summary>How often it was called.</summary>
    public int Attempts { get; init; }

    /// <summary>When the last attempt was sent, by the database's clock; null where it was not called.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>How long the last attempt took, in milliseconds.</summary>
    public long? DurationMs { get; init; }

    /// <summary>How it ended.</summary>
    public required BackfillOutcome Outcome { get; init; }

    /// <summary>What kind of failure, if it failed.</summary>
    public BackfillCategory? Category { get; init; }

    /// <summary>What happened, in a sentence.</summary>
    public string? Message { get; init; }

    /// <summary>Function and outcome.</summary>
    /// <returns>For example <c>score_prism Succeeded</c>.</returns>
    public override string ToString() => $"{Function} {Outcome}";
}
