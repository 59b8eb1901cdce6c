namespace Backfill;

/// <summary>A call that a plan would make.</summary>
public sealed record BackfillPlannedCall
{
    /// <summary>The plan's batch.</summary>
    public required string BatchId { get; init; }

    /// <summary>The session's place in the run, from 1.</summary>
    public required int Ordinal { get; init; }

    /// <summary>The session.</summary>
    public required Guid SessionId { get; init; }

    /// <summary>The edge function.</summary>
    public required string Function { get; init; }

    /// <summary>What is sent with the session id.</summary>
    public required FunctionParams Params { get; init; }

    /// <summary>Why it would be called.</summary>
    public required string Reason { get; init; }
}
