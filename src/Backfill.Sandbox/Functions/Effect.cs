namespace Backfill.Sandbox.Functions;

/// <summary>What becomes of the rows that a function writes.</summary>
internal enum Effect
{
    Committed,
    RolledBack,

    /// <summary>Committed, under the version before the one that was asked for.</summary>
    OldVersion,
}
