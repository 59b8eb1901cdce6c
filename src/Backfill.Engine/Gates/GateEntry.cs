namespace Backfill.Engine.Gates;

/// <summary>What is written of a gate.</summary>
public enum GateAction
{
    /// <summary>It was approved.</summary>
    Approved,

    /// <summary>It was denied.</summary>
    Denied,

    /// <summary>Its approval has started a phase.</summary>
    Used,
}

/// <summary>One decision or use, as the ledger keeps it. Entries of a run are one chain: each holds the hash of the one before.</summary>
public sealed record GateEntry
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Its place in the run's chain, from 1.</summary>
    public required int Sequence { get; init; }

    /// <summary>Which gate.</summary>
    public required BackfillGateName Gate { get; init; }

    /// <summary>What was done.</summary>
    public required GateAction Action { get; init; }

    /// <summary>When, by the database's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>SHA-256 of the plan, hex.</summary>
    public required string PlanHash { get; init; }

    /// <summary>The ledger's figures that were decided on; JSON.</summary>
    public required string Evidence { get; init; }

    /// <summary>SHA-256 of <see cref="Evidence"/>, hex.</summary>
    public required string EvidenceHash { get; init; }

    /// <summary>The criteria as they stood; JSON.</summary>
    public required string Criteria { get; init; }

    /// <summary>What was re-read from another ledger; JSON. Null where nothing was.</summary>
    public string? OtherEvidence { get; init; }

    /// <summary>Whether it was approved though a criterion failed.</summary>
    public bool Overridden { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }

    /// <summary>Operating system's user and host.</summary>
    public required string Operator { get; init; }

    /// <summary>The database role.</summary>
    public required string DatabaseRole { get; init; }

    /// <summary>Who approves, by a name of the operator's choice.</summary>
    public string? Approver { get; init; }

    /// <summary>Until when an approval may be used.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>What a use has started.</summary>
    public string? UsedFor { get; init; }

    /// <summary>The hash of the entry before, hex; empty for the first.</summary>
    public string Previous { get; init; } = "";

    /// <summary>The entry's own hash, hex; see <see cref="GateChain.HashOf(GateEntry)"/>.</summary>
    public string Hash { get; init; } = "";

    /// <summary>Who it was.</summary>
    internal string Who => Approver is null ? $"{Operator} as {DatabaseRole}" : $"{Approver} ({Operator} as {DatabaseRole})";
}
