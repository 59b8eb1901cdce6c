namespace Backfill.Engine.Soak;

/// <summary>How a soak ended here.</summary>
/// <param name="Soak">The soak.</param>
/// <param name="Verdict">The verdict.</param>
/// <param name="Reason">Why it ended before its window did; null where it did not.</param>
/// <param name="CanGoOn">Whether the same command goes on in the same window.</param>
/// <param name="Samples">All its samples, whoever took them.</param>
/// <param name="Artifacts">The files written.</param>
/// <param name="Gate">The gate that it raised; null where it raises none, or is not over.</param>
public sealed record SoakEnd(
    SoakTicket Soak,
    SoakVerdict Verdict,
    string? Reason,
    bool CanGoOn,
    IReadOnlyList<SoakSample> Samples,
    IReadOnlyList<string> Artifacts,
    BackfillGate? Gate = null)
{
    /// <summary>What could not be written, as one error; null where everything was.</summary>
    public BackfillException? Unwritten { get; init; }
}
