namespace Backfill;

/// <summary>What a target is. The label in its ledger decides, not what was typed.</summary>
public enum BackfillEnvironment
{
    /// <summary>Staging: the first place a plan is applied.</summary>
    Staging,

    /// <summary>Production: needs an approved <c>ProdApply</c> gate.</summary>
    Production,
}
