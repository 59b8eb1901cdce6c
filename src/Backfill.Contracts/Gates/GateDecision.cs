namespace Backfill;

/// <summary>A decision that somebody takes.</summary>
public sealed record GateDecision
{
    /// <summary>The gate that was looked at: exactly its evidence is decided on.</summary>
    public required BackfillGate Seen { get; init; }

    /// <summary>Whether to approve; otherwise it is denied.</summary>
    public required bool Approve { get; init; }

    /// <summary>Whether the gate was handed over, so that a decision that it shows is replaced.</summary>
    public bool ReplacesDecision { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>Who approves, by a name of one's choice.</summary>
    public string? Approver { get; init; }

    /// <summary>How long the approval may wait to be used; 24 h by default.</summary>
    public TimeSpan? ExpiresIn { get; init; }

    /// <summary>Approve though a criterion fails.</summary>
    public bool Override { get; init; }

    /// <summary>For production: the staging target.</summary>
    public BackfillConnection? EvidenceConnection { get; init; }

    /// <summary>For production: the staging run.</summary>
    public Guid? EvidenceRunId { get; init; }

    /// <summary>Who decides: user and host; null for this process's.</summary>
    public string? Operator { get; init; }
}

/// <summary>A gate as a decision would meet it.</summary>
/// <param name="Gate">The gate with all criteria, those of other ledgers included.</param>
/// <param name="Denial">Who has denied it and why, whether that stands or the evidence is another since; null where nobody has.</param>
/// <param name="Unmet">The criteria that are not met, in words.</param>
public sealed record GatePreview(BackfillGate Gate, string? Denial, string Unmet);
