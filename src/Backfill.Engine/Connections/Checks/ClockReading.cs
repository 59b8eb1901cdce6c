namespace Backfill.Engine.Connections.Checks;

/// <summary>Another clock, read between two moments of ours.</summary>
/// <param name="Earliest">The least that the other clock showed.</param>
/// <param name="Latest">The most: a header's second may have been almost over.</param>
/// <param name="Sent">Our clock before.</param>
/// <param name="Received">Our clock after.</param>
internal sealed record ClockReading(DateTimeOffset Earliest, DateTimeOffset Latest, DateTimeOffset Sent, DateTimeOffset Received)
{
    /// <summary>How far the other clock is ahead at the least (behind where negative): what transit can't explain.</summary>
    public TimeSpan Skew =>
        Earliest > Received ? Earliest - Received
        : Latest < Sent ? Latest - Sent
        : TimeSpan.Zero;
}
