namespace Backfill.Engine.Gates;

/// <summary>What an approval is used for: the name that the ledger keeps.</summary>
internal static class ApprovalUse
{
    /// <summary>Production health, in a pipeline.</summary>
    public const string ProdHealth = "ProdHealth";

    /// <summary>The sessions after a review; the ledger opens it by these very words (0010_batch_review.sql).</summary>
    public static string SessionsAfter(int ordinal) => FormattableString.Invariant($"the sessions after number {ordinal}");

    /// <summary>A soak, or a run.</summary>
    public static string Name(Guid id) => id.ToString("D");
}
