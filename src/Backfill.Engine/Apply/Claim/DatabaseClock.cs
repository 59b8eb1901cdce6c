namespace Backfill.Engine.Apply.Claim;

/// <summary>The database's clock, carried on between answers by this machine's monotonic one.</summary>
/// <remarks>
/// The database's clock has gone on since it answered, so of many answers the one that was quickest on its way says most, and
/// the time kept here is never ahead of the database's. The best answers of the last two spans are kept: a slow one never
/// replaces a good one, and two clocks that drift apart are noticed.
/// </remarks>
internal sealed class DatabaseClock(TimeProvider time)
{
    /// <summary>Two clocks drift apart by less than a few milliseconds in this.</summary>
    private static readonly TimeSpan Span = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private Reading _best = new(time.GetTimestamp(), time.GetUtcNow());
    private Reading? _before;
    private long _since;
    private bool _isSet;

    public DateTimeOffset Now
    {
        get
        {
            lock (_lock)
                return Later(At(_best), _before is null ? DateTimeOffset.MinValue : At(_before));
        }
    }

    /// <summary>Called when an answer arrives.</summary>
    public void Set(DateTimeOffset databaseNow)
    {
        var reading = new Reading(time.GetTimestamp(), databaseNow);
        lock (_lock)
        {
            if (!_isSet || time.GetElapsedTime(_since) >= Span)
            {
                _before = _isSet ? _best : null;
                (_best, _since, _isSet) = (reading, reading.Local, true);
            }
            else if (databaseNow > At(_best))
            {
                _best = reading;
            }
        }
    }

    private DateTimeOffset At(Reading reading) => reading.Database + time.GetElapsedTime(reading.Local);

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private sealed record Reading(long Local, DateTimeOffset Database);
}
