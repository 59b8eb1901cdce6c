namespace Backfill;

/// <summary>How a soak ended here.</summary>
/// <param name="RunId">The run that it is for; null where it is for none.</param>
/// <param name="Verdict">The verdict.</param>
/// <param name="Reason">Why it ended before its window did; null where it did not.</param>
/// <param name="CanGoOn">Whether the same command goes on in the same window.</param>
/// <param name="LastSample">Its last sample; null where it has none.</param>
/// <param name="Artifacts">The files written.</param>
/// <param name="Unwritten">What could not be written, as one error; null where everything was.</param>
public sealed record SoakResult(
    Guid? RunId,
    SoakVerdict Verdict,
    string? Reason,
    bool CanGoOn,
    SoakSample? LastSample,
    IReadOnlyList<string> Artifacts,
    BackfillException? Unwritten);

/// <summary>A run's newest soak, as the ledger has it.</summary>
/// <param name="WindowEnd">When its window ends.</param>
/// <param name="Verdict">How it ended; null while it is open.</param>
/// <param name="Reason">Why it ended before its window did; null where it did not.</param>
/// <param name="Samples">Its samples, in order.</param>
public sealed record SoakReading(DateTimeOffset WindowEnd, SoakVerdict? Verdict, string? Reason, IReadOnlyList<SoakSample> Samples);
