namespace Backfill.Sandbox.Traffic;

/// <summary>What has been written of an order. Read by others while it is carried out.</summary>
/// <param name="order">What was asked for.</param>
/// <param name="number">The order's number in this sandbox.</param>
/// <param name="seed">Its own, or the sandbox's.</param>
/// <param name="startedAt">By the sandbox's clock, like all times here.</param>
internal sealed class TrafficTally(TrafficOrder order, int number, int seed, DateTimeOffset startedAt)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TrafficFault, List<Guid>> _planted = order.Shares.ToDictionary(share => share.Fault, _ => new List<Guid>());
    private DateTimeOffset? _writtenUntil;
    private DateTimeOffset? _stoppedAt;
    private long _completed;
    private long _scored;
    private string? _trouble;

    public void Wrote(IReadOnlyList<TrafficSession> completed, IReadOnlyList<ScoredSession> scored, bool hasLogs)
    {
        lock (_gate)
        {
            _completed += completed.Count;
            _scored += scored.Count;
            foreach (var session in completed.Where(session => session.Fault == TrafficFault.Unscored)) Plant(session);
            foreach (var (session, _, _) in scored.Where(scored => scored.Session.Fault != TrafficFault.OverrideEvents || hasLogs)) Plant(session);
        }
    }

    /// <summary>Everything that was due by then is in the database.</summary>
    public void CaughtUp(DateTimeOffset now)
    {
        lock (_gate)
            (_writtenUntil, _trouble) = (now, null);
    }

    public void Failed(string message)
    {
        lock (_gate)
            _trouble = message;
    }

    public void Stopped(DateTimeOffset now)
    {
        lock (_gate)
            _stoppedAt = now;
    }

    public object Describe()
    {
        lock (_gate)
        {
            return new
            {
                Number = number,
                Running = _stoppedAt is null,
                order.RatePerMinute,
                order.Unscored,
                order.WrongVersion,
                order.LegacyKind,
                order.OverrideEvents,
                order.BrokenTokens,
                Seed = seed,
                StartedAt = startedAt,
                StoppedAt = _stoppedAt,
                WrittenUntil = _writtenUntil ?? startedAt,
                Completed = _completed,
                Scored = _scored,
                Planted = new
                {
                    Unscored = Of(TrafficFault.Unscored),
                    WrongVersion = Of(TrafficFault.WrongVersion),
                    LegacyKind = Of(TrafficFault.LegacyKind),
                    OverrideEvents = Of(TrafficFault.OverrideEvents),
                },
                Trouble = _trouble,
            };
        }

        Guid[] Of(TrafficFault fault) => [.. _planted[fault]];
    }

    private void Plant(TrafficSession session)
    {
        if (session.Fault != TrafficFault.None) _planted[session.Fault].Add(session.Id);
    }
}
