namespace Backfill.Engine.Soak;

/// <summary>A soak's window and the moments at which samples are due. Pure.</summary>
/// <param name="Start">Its start.</param>
/// <param name="End">Its end; the last sample is due then.</param>
/// <param name="Interval">From sample to sample; the last interval may be shorter.</param>
public sealed record SoakWindow(DateTimeOffset Start, DateTimeOffset End, TimeSpan Interval)
{
    /// <summary>
    /// How late a sample may be taken. Its figures are those of the window so far, so a late one misses nothing that was
    /// written; but a quarter of a window that nobody watched is too much to be called watched.
    /// </summary>
    private const int LatestPart = 4;

    /// <summary>How many samples are due in all.</summary>
    public int Samples => (int)Math.Ceiling((End - Start) / Interval);

    /// <summary>When a sample is due.</summary>
    /// <param name="number">Which, from 1.</param>
    /// <returns>The moment; the window's end for the last one.</returns>
    public DateTimeOffset DueAt(int number) => number >= Samples ? End : Start + (Interval * number);

    /// <summary>Whether it is too late to take a sample.</summary>
    /// <param name="number">Which.</param>
    /// <param name="now">The moment.</param>
    /// <returns>True once it is.</returns>
    public bool IsMissed(int number, DateTimeOffset now) => now - DueAt(number) > (End - Start) / LatestPart;

    /// <summary>Whether a sample was taken only when the next one was due, or later.</summary>
    /// <param name="number">Which.</param>
    /// <param name="at">When it was taken.</param>
    /// <returns>True where it was.</returns>
    public bool IsLate(int number, DateTimeOffset at) => at >= TriedUntil(number);

    /// <summary>Until when a sample that failed is tried again: then the next one is due.</summary>
    /// <param name="number">Which.</param>
    /// <returns>The moment.</returns>
    public DateTimeOffset TriedUntil(int number) => DueAt(number) + Interval;
}
