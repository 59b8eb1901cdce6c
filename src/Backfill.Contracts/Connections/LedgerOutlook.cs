namespace Backfill;

/// <summary>What installing the ledger would do, as it is now.</summary>
/// <param name="Action">What would be done.</param>
/// <param name="Found">The label of the ledger that is there; null where there is none.</param>
/// <param name="FoundProject">The project that it says; null where there is none.</param>
/// <param name="Refusal">Why it is refused; null where it is not.</param>
public sealed record LedgerOutlook(LedgerAction Action, BackfillEnvironment? Found, string? FoundProject, BackfillException? Refusal);

/// <summary>What is done with a ledger.</summary>
public enum LedgerAction
{
    /// <summary>There is none: it is installed.</summary>
    Install,

    /// <summary>It is of an older module: it is upgraded.</summary>
    Upgrade,

    /// <summary>It is as it should be: nothing changes.</summary>
    Keep,

    /// <summary>It was installed elsewhere: it is taken over, with a new id and the label asked for.</summary>
    Adopt,

    /// <summary>It can't be done, and nothing changes.</summary>
    Refuse,
}
