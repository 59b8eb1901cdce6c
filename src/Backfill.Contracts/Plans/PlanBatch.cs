namespace Backfill;

/// <summary>Sessions that get the same operations, in order.</summary>
public sealed record PlanBatch
{
    /// <summary>
    /// Where <c>since</c> lies if a batch does not say: 2025-08-01, UTC, as the system's health check has it.
    /// </summary>
    public static readonly DateTimeOffset DefaultSince = new(2025, 8, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Its name, unique in the plan whatever the case, and safe as part of a file name.</summary>
    public required string BatchId { get; init; }

    /// <summary>What it is for; empty if the plan does not say.</summary>
    public required string Description { get; init; }

    /// <summary>
    /// The named sessions, in order, each only where the plan names it first; empty with a
    /// <see cref="SessionCount"/>, or if all of them belong to earlier batches.
    /// </summary>
    public required ItemList<Guid> Sessions { get; init; }

    /// <summary>How many sessions to find in the database, at least 1; null where they are named.</summary>
    public int? SessionCount { get; init; }

    /// <summary>Only sessions completed since then are found; in UTC.</summary>
    public DateTimeOffset Since { get; init; } = DefaultSince;

    /// <summary>Whether a run waits after it for the gate <c>BatchReview</c>.</summary>
    public bool Review { get; init; }

    /// <summary>What to call for each session, in order; at least one.</summary>
    public required ItemList<PlanOperation> Operations { get; init; }

    /// <summary>The batch's name.</summary>
    /// <returns><see cref="BatchId"/>.</returns>
    public override string ToString() => BatchId;
}

/// <summary>One call for each session of a batch.</summary>
public sealed record PlanOperation
{
    /// <summary>The edge function.</summary>
    public required string Function { get; init; }

    /// <summary>What is sent with the session id; never <c>if_missing</c>.</summary>
    public required FunctionParams Params { get; init; }

    /// <summary>Call it only where the expected row is missing. An instruction to us, not sent on.</summary>
    public bool IfMissing { get; init; }

    /// <summary>Its place among the batch's operations, from 1.</summary>
    public required int Position { get; init; }

    /// <summary>The call in a few words.</summary>
    /// <returns>For example <c>score_prism(engine_version=v1.2.1)</c>.</returns>
    public override string ToString() => $"{Function}({Params}){(IfMissing ? " if missing" : "")}";
}
