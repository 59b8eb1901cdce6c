namespace Backfill.Engine.Gates;

/// <summary>What an approval is used for: the name that the ledger keeps.</summary>
internal static class ApprovalUse
{
    /// <summary>Production health, in a pipeline.</summary>
    public const string ProdHealth = "ProdHealth";

    /// <summary>A soak, or a run.</summary>
    public static string Name(Guid id) => id.ToString("D");
}
