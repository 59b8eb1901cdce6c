using Backfill.Engine.Ledger;

namespace Backfill.Engine.Apply;

/// <summary>Adds up what a worker waits for.</summary>
internal sealed class WaitingClock(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, TimeSpan> _over = new(StringComparer.Ordinal);
    private string? _cause;
    private long _since;

    public WorkerWaiting Reading
    {
        get
        {
            lock (_lock)
            {
                var byCause = new Dictionary<string, TimeSpan>(_over, StringComparer.Ordinal);
                if (_cause is not null)
                    byCause[_cause] = Waited(_cause);
                return new(_cause, byCause.Values.Aggregate(TimeSpan.Zero, (sum, one) => sum + one)) { ByCause = byCause };
            }
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
                _over[_cause] = Waited(_cause);
            _cause = null;
        }
    }

    private TimeSpan Waited(string cause) => _over.GetValueOrDefault(cause) + time.GetElapsedTime(_since);

    private sealed class End(WaitingClock clock) : IDisposable
    {
        public void Dispose() => clock.Stop();
    }
}
