namespace Backfill;

/// <summary>A gate as the ledger shows it at this moment: measured criteria, and what was decided.</summary>
public sealed record BackfillGate
{
    /// <summary>Which gate.</summary>
    public required BackfillGateName Name { get; init; }

    /// <summary>The run that it belongs to.</summary>
    public required Guid RunId { get; init; }

    /// <summary>The target's environment.</summary>
    public required BackfillEnvironment Environment { get; init; }

    /// <summary>Where it stands.</summary>
    public required BackfillGateStatus Status { get; init; }

    /// <summary>Whether no criterion fails. One that could not be measured is neither met nor failed, and is shown.</summary>
    public required bool Passed { get; init; }

    /// <summary>SHA-256 of the plan, hex.</summary>
    public required string PlanHash { get; init; }

    /// <summary>SHA-256 of the evidence, hex: of the ledger's own figures, as they are now.</summary>
    public required string EvidenceHash { get; init; }

    /// <summary>Who decided last: the approver's name where one was given, user and host, database role.</summary>
    public string? DecidedBy { get; init; }

    /// <summary>When, by the database's clock.</summary>
    public DateTimeOffset? DecidedAt { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }

    /// <summary>Until when an approval may be used; null where none stands.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Whether it was approved though a criterion failed.</summary>
    public bool Overridden { get; init; }

    /// <summary>What has used the approval: the id of the soak or run that it started, or the phase's name.</summary>
    public string? UsedFor { get; init; }

    /// <summary>Since when it can be decided, by the database's clock.</summary>
    public DateTimeOffset? RaisedAt { get; init; }

    /// <summary>What is wrong with the run's chain of decisions; null where it is whole.</summary>
    public string? ChainBreak { get; init; }

    /// <summary>Decisions and uses of the run, all gates together.</summary>
    public int ChainCount { get; init; }

    /// <summary>SHA-256 of the newest of them, hex; null before the first.</summary>
    public string? ChainHead { get; init; }

    /// <summary>The newest decision or use of this gate that was seen; 0 before the first.</summary>
    public int LastSequence { get; init; }

    /// <summary>The connection it was read through, so that it can be piped on.</summary>
    public BackfillConnection? Connection { get; init; }

    /// <summary>What it is judged by.</summary>
    public required ItemList<BackfillGateCriterion> Criteria { get; init; }

    /// <summary>Name, run and status.</summary>
    /// <returns>For example <c>ApplyReview of 0190…: Pending</c>.</returns>
    public override string ToString() => $"{Name} of {RunId}: {Status}";
}

/// <summary>One thing that a gate is judged by.</summary>
/// <param name="Name">What, for example <c>Failed</c>.</param>
/// <param name="Expected">What it takes to pass.</param>
/// <param name="Actual">What the ledger shows.</param>
/// <param name="Passed">Whether it is met; null where it could not be measured, which is no pass.</param>
public sealed record BackfillGateCriterion(string Name, string Expected, string Actual, bool? Passed)
{
    /// <summary>Whether it is met, its name and what was found.</summary>
    /// <returns>For example <c>[met] Failed: 0 (expected: at most 0)</c>.</returns>
    public override string ToString() =>
        $"[{Passed switch { true => "met", false => "NOT MET", null => "not measured" }}] {Name}: {Actual} (expected: {Expected})";
}
