namespace Backfill.Engine.Soak;

/// <summary>
/// A clock that runs faster than another: 6 h can be rehearsed in seconds. At a factor of 1 it only stands apart from it.
/// </summary>
public sealed class ScaledClock : TimeProvider
{
    private readonly TimeProvider _real;
    private readonly TimeSpan _offset;
    private readonly DateTimeOffset _origin;
    private readonly double _factor;
    private readonly long _since;

    /// <summary>Makes the clock.</summary>
    /// <param name="real">The clock it follows.</param>
    /// <param name="origin">When both showed the same.</param>
    /// <param name="factor">So many times as fast; more than 0.</param>
    /// <param name="offset">How far the target's real clock is ahead of <paramref name="real"/>.</param>
    public ScaledClock(TimeProvider real, DateTimeOffset origin, double factor, TimeSpan offset = default)
    {
        ArgumentNullException.ThrowIfNull(real);
        if (!double.IsFinite(factor) || factor <= 0)
            throw new ArgumentOutOfRangeException(nameof(factor), factor, "A clock's factor is more than 0.");
        _real = real;
        _origin = origin;
        _factor = factor;
        _offset = offset;
        _since = real.GetTimestamp();
    }

    /// <inheritdoc/>
    public override long TimestampFrequency => _real.TimestampFrequency;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => _real.LocalTimeZone;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => _origin + ((_real.GetUtcNow() + _offset - _origin) * _factor);

    /// <inheritdoc/>
    public override long GetTimestamp() => (long)((_real.GetTimestamp() - _since) * _factor);

    /// <summary>The moment of the clock it follows at which this one will show <paramref name="time"/>.</summary>
    /// <param name="time">A moment of this clock.</param>
    /// <returns>The moment, without the offset.</returns>
    public DateTimeOffset ToReal(DateTimeOffset time) => _origin + ((time - _origin) / _factor) - _offset;

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Timer(_real.CreateTimer(callback, state, ToReal(dueTime), ToReal(period)), this);

    /// <summary>Rounded up to the milliseconds of real timers: what waits for a moment must not wake before it.</summary>
    private TimeSpan ToReal(TimeSpan span) => span == Timeout.InfiniteTimeSpan
        ? span
        : TimeSpan.FromMilliseconds(Math.Ceiling(span.TotalMilliseconds / _factor));

    private sealed class Timer(ITimer real, ScaledClock clock) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => real.Change(clock.ToReal(dueTime), clock.ToReal(period));

        public void Dispose() => real.Dispose();

        public ValueTask DisposeAsync() => real.DisposeAsync();
    }
}
