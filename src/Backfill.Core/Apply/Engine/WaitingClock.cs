namespace Backfill.Apply;

/// <summary>Adds up what a worker waits for.</summary>
internal sealed class WaitingClock(TimeProvider time)
{
    private readonly Lock _lock = new();
    private TimeSpan _total;
    private string? _cause;
    private long _since;

    public WorkerWaiting Reading
    {
        get
        {
            lock (_lock)
                return new(_cause, _cause is null ? _total : _total + time.GetElapsedTime(_since));
        }
    }

    /// <summary>Waiting for <paramref name="cause"/> until the result is disposed; for null, working.</summary>
    public IDisposable For(string? cause)
    {
        lock (_lock)
        {
            _cause = cause;
            _since = time.GetTimestamp();
        }

        return new End(this);
    }

    private void Stop()
    {
        lock (_lock)
        {
            if (_cause is not null)
                _total += time.GetElapsedTime(_since);
            _cause = null;
        }
    }

    private sealed class End(WaitingClock clock) : IDisposable
    {
        public void Dispose() => clock.Stop();
    }
}
