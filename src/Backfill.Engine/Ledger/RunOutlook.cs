namespace Backfill.Engine.Ledger;

/// <summary>When a run should end, and what keeps it from ending sooner. Pure.</summary>
public static class RunOutlook
{
    /// <summary>A run that began a moment ago has settled less than it has started.</summary>
    private const double ShortestSeconds = 60;

    /// <summary>How long the rest takes.</summary>
    /// <param name="remaining">Sessions not settled yet.</param>
    /// <param name="throttlePerMinute">The pace, session attempts a minute.</param>
    /// <param name="recentlySettled">Sessions settled in the time looked at.</param>
    /// <param name="seconds">That time.</param>
    /// <returns>Minutes, by the pace or by what was seen, whichever is slower; null where nothing has moved.</returns>
    public static double? MinutesLeft(int remaining, int throttlePerMinute, int recentlySettled, double seconds)
    {
        if (seconds < ShortestSeconds)
            return (double)remaining / throttlePerMinute;
        var seen = recentlySettled * 60 / seconds;
        return seen > 0 ? remaining / Math.Min(seen, throttlePerMinute) : null;
    }

    /// <summary>What holds the run back now.</summary>
    /// <param name="waitingFor">What its workers wait for.</param>
    /// <param name="inHand">Sessions in hand.</param>
    /// <param name="limit">The most that all workers may have in hand.</param>
    /// <returns>The bottleneck.</returns>
    public static BackfillBottleneck Bottleneck(string? waitingFor, int inHand, int limit) => waitingFor switch
    {
        "RetryAfter" or "TargetUnreachable" => BackfillBottleneck.TargetAsked,
        "SlowDatabase" => BackfillBottleneck.Database,
        "Pace" => BackfillBottleneck.Pace,
        null when inHand >= limit => BackfillBottleneck.Concurrency,
        _ => BackfillBottleneck.Functions,
    };
}
