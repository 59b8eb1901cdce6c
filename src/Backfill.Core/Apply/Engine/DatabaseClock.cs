namespace Backfill.Apply;

/// <summary>The database's clock, carried on between answers by this machine's monotonic one.</summary>
internal sealed class DatabaseClock(TimeProvider time)
{
    /// <summary>Two clocks drift apart by less than a few milliseconds in this.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);

    private Reading _reading = new(time.GetTimestamp(), time.GetUtcNow());
    private bool _isSet;

    public DateTimeOffset Now
    {
        get
        {
            var reading = Volatile.Read(ref _reading);
            return reading.Database + time.GetElapsedTime(reading.Local);
        }
    }

    /// <summary>
    /// Called when an answer arrives. The database's clock has gone on since it answered, so of many answers the one that was
    /// quickest on its way says most, and the time kept here is never ahead of the database's.
    /// </summary>
    public void Set(DateTimeOffset databaseNow)
    {
        var reading = Volatile.Read(ref _reading);
        if (_isSet && databaseNow <= Now && time.GetElapsedTime(reading.Local) < Kept)
            return;
        Volatile.Write(ref _reading, new Reading(time.GetTimestamp(), databaseNow));
        _isSet = true;
    }

    private sealed record Reading(long Local, DateTimeOffset Database);
}
