namespace Backfill;

/// <summary>Where a person decides before the next phase begins. Each gate belongs to a run.</summary>
public enum BackfillGateName
{
    /// <summary>After apply: opens the soak.</summary>
    ApplyReview,

    /// <summary>Between the sessions of a run, after a batch: opens those that come next.</summary>
    BatchReview,

    /// <summary>After the soak: opens production health, and is evidence for production.</summary>
    SoakGoNoGo,

    /// <summary>Before a production run makes its first call.</summary>
    ProdApply,
}

/// <summary>Where a gate stands.</summary>
public enum BackfillGateStatus
{
    /// <summary>Nobody has decided on what is there now.</summary>
    Pending,

    /// <summary>Approved, on exactly this evidence: it may be used once.</summary>
    Approved,

    /// <summary>Its approval has started a phase, and starts no other.</summary>
    Used,

    /// <summary>Denied.</summary>
    Denied,

    /// <summary>Its approval was not used in time.</summary>
    Expired,

    /// <summary>The evidence is no longer what was approved.</summary>
    Invalidated,
}
