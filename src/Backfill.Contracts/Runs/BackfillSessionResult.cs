namespace Backfill;

/// <summary>What became of one session of a run, as the ledger has it.</summary>
public sealed record BackfillSessionResult
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>The plan's batch.</summary>
    public required string BatchId { get; init; }

    /// <summary>The session's place in the run, from 1.</summary>
    public required int Ordinal { get; init; }

    /// <summary>The session.</summary>
    public required Guid SessionId { get; init; }

    /// <summary>How it ended.</summary>
    public required BackfillOutcome Outcome { get; init; }

    /// <summary>What kind of failure, if it failed.</summary>
    public BackfillCategory? Category { get; init; }

    /// <summary>Why, in a sentence; null for a success.</summary>
    public string? Reason { get; init; }

    /// <summary>Calls made for it, over all its operations.</summary>
    public int Attempts { get; init; }

    /// <summary>When it was claimed first, by the database's clock.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>From the first claim to the settled outcome.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary><see cref="Duration"/> in milliseconds.</summary>
    public long? DurationMs => Duration is { } d ? (long)d.TotalMilliseconds : null;

    /// <summary>Rows that were not there before.</summary>
    public int RowsInserted { get; init; }

    /// <summary>Rows written over.</summary>
    public int RowsUpdated { get; init; }

    /// <summary>Rows gone.</summary>
    public int RowsDeleted { get; init; }

    /// <summary>When it was rolled back last; null where it was not.</summary>
    public DateTimeOffset? RolledBackAt { get; init; }

    /// <summary>The connection it was read through, so that it can be piped on.</summary>
    public BackfillConnection? Connection { get; init; }

    /// <summary>Its operations, in the plan's order.</summary>
    public ItemList<BackfillOperationResult> Operations { get; init; } = ItemList.Of<BackfillOperationResult>();

    /// <summary>Session and outcome.</summary>
    /// <returns>For example <c>618c5ea6-… Succeeded</c>.</returns>
    public override string ToString() => $"{SessionId} {Outcome}";
}
