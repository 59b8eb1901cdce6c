namespace Backfill.Apply;

/// <summary>The database's clock, carried on between answers by this machine's monotonic one.</summary>
internal sealed class DatabaseClock(TimeProvider time)
{
    private Reading _reading = new(time.GetTimestamp(), time.GetUtcNow());

    public DateTimeOffset Now
    {
        get
        {
            var reading = Volatile.Read(ref _reading);
            return reading.Database + time.GetElapsedTime(reading.Local);
        }
    }

    public void Set(DateTimeOffset databaseNow) =>
        Volatile.Write(ref _reading, new Reading(time.GetTimestamp(), databaseNow));

    private sealed record Reading(long Local, DateTimeOffset Database);
}
