namespace Backfill.Engine.Apply.Claim;

/// <summary>How quickly the database answers, and whether it keeps up with the pace.</summary>
internal sealed class DatabasePace(TimeProvider time)
{
    /// <summary>So many slots missed in a row, or so many rounds slower than the pace, are no accident.</summary>
    public const int Patience = 5;

    private const int Samples = 5;

    /// <summary>Below this a slot that is free now is not missed.</summary>
    private static readonly TimeSpan Quick = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private readonly Queue<TimeSpan> _trips = new(Samples);
    private TimeSpan _last;
    private long _sampledAt = long.MinValue;
    private int _missed;
    private int _slow;
    private bool _isTold;

    /// <summary>
    /// The quickest of the last round trips: slow answers on a good line, or to a machine that was held up, do not count.
    /// </summary>
    public TimeSpan RoundTrip
    {
        get
        {
            lock (_lock)
                return _trips.Count < Samples ? TimeSpan.Zero : _trips.Min();
        }
    }

    /// <summary>The last round trip.</summary>
    public TimeSpan Last
    {
        get
        {
            lock (_lock)
                return _last;
        }
    }

    /// <summary>How far ahead a slot must be taken, so that the answer is here before it.</summary>
    public TimeSpan Ahead => RoundTrip is var trip && trip > Quick ? trip * 1.25 : TimeSpan.Zero;

    /// <summary>Whether it is the database that the run waits for.</summary>
    public bool IsSlow
    {
        get
        {
            lock (_lock)
                return Math.Max(_missed, _slow) >= Patience;
        }
    }

    /// <summary>An answer came now.</summary>
    /// <param name="askedAt">When it was asked for, by the clock's timestamp.</param>
    public void Answered(long askedAt)
    {
        lock (_lock)
        {
            _last = time.GetElapsedTime(askedAt);
            // A machine that stands still holds up all answers that are on their way: together they are one sample.
            if (askedAt < _sampledAt)
                return;
            _sampledAt = time.GetTimestamp();
            if (_trips.Count == Samples)
                _trips.Dequeue();
            _trips.Enqueue(_last);
        }
    }

    /// <summary>A slot was met, or missed.</summary>
    public void Slot(bool isMet)
    {
        lock (_lock)
            _missed = isMet ? 0 : _missed + 1;
    }

    /// <summary>Sessions were claimed and got their slots.</summary>
    /// <param name="took">How long the database took for it.</param>
    /// <param name="spacing">How long the pace gives for it.</param>
    public void Round(TimeSpan took, TimeSpan spacing)
    {
        lock (_lock)
            _slow = took > spacing && took > Quick ? _slow + 1 : 0;
    }

    /// <summary>Whether the operator is to be told now: once, until the database has kept up again.</summary>
    public bool IsNews()
    {
        lock (_lock)
        {
            var isSlow = Math.Max(_missed, _slow) >= Patience;
            var isNews = isSlow && !_isTold;
            _isTold = isSlow;
            return isNews;
        }
    }
}
