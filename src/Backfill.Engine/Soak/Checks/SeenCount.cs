namespace Backfill.Engine.Soak.Checks;

/// <summary>What a check has counted, where it has seen anything to count: nothing seen is not nothing found.</summary>
internal static class SeenCount
{
    /// <summary>The count of one check.</summary>
    /// <param name="check">The check; null where the sample could not be taken.</param>
    /// <param name="sample">Its sample.</param>
    /// <returns>The count; null where nothing was seen.</returns>
    public static long? Of(SoakCheck? check, SoakSample sample)
    {
        var isSeen = check?.Status == SoakCheckStatus.Fail || check?.Name switch
        {
            null => false,
            SoakCheckNames.TokenAccess => sample.TokensTested > 0,
            SoakCheckNames.Conversion => sample.CompletedSessions > 0,
            _ => check.Status != SoakCheckStatus.NotMeasured,
        };
        return isSeen ? check!.Count : null;
    }
}
