namespace Backfill.Sandbox.Traffic;

/// <summary>A session with the times at which its rows of scores are dated.</summary>
internal readonly record struct ScoredSession(TrafficSession Session, DateTimeOffset ForcedChoiceAt, DateTimeOffset MadeAt)
{
    private static readonly TimeSpan UntilForcedChoice = TimeSpan.FromSeconds(20);

    /// <summary>As long as the sessions of old took.</summary>
    public static readonly TimeSpan UntilMade = TimeSpan.FromSeconds(24);

    /// <param name="session">It has completed.</param>
    /// <param name="now">No row is dated later.</param>
    public static ScoredSession Of(TrafficSession session, DateTimeOffset now) =>
        new(session, Earlier(session.CompletedAt + UntilForcedChoice, now), Earlier(session.CompletedAt + UntilMade, now));

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}
