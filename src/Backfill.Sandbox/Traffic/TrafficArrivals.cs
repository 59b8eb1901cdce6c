namespace Backfill.Sandbox.Traffic;

/// <summary>The sessions of an order, one after the other, evenly spaced from its start on.</summary>
/// <param name="order">What is wanted.</param>
/// <param name="seed">The same seed and stream give the same sessions.</param>
/// <param name="stream">The order's number in this sandbox.</param>
/// <param name="start">By the sandbox's clock. The first session completes one interval later.</param>
internal sealed class TrafficArrivals(TrafficOrder order, int seed, int stream, DateTimeOffset start)
{
    private readonly FaultSequence _faults = new(order);
    private readonly Queue<TrafficSession> _made = [];
    private long _count;

    /// <summary>The first ones of those that have completed and are not written; the same again until they are.</summary>
    public IReadOnlyList<TrafficSession> Until(DateTimeOffset now, int most)
    {
        while (_made.Count < most && CompletedAt(_count + 1) is var completedAt && completedAt <= now)
            _made.Enqueue(TrafficSession.Make(seed, stream, ++_count, completedAt, _faults.Next()));
        return [.. _made];
    }

    public void Written(int sessions)
    {
        for (var i = 0; i < sessions; i++) _made.Dequeue();
    }

    /// <summary>In whole microseconds, as the database keeps times.</summary>
    private DateTimeOffset CompletedAt(long place) =>
        start.AddMicroseconds((double)decimal.Floor(place * 60_000_000m / order.RatePerMinute));
}
