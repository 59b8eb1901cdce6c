namespace Backfill.Apply;

/// <summary>The three ways a worker ends: asked to stop, no new claims, calls in flight given up.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _claiming;
    private readonly CancellationTokenSource _abandon = new();

    public StopSignals(CancellationToken stop)
    {
        Stop = stop;
        _claiming = CancellationTokenSource.CreateLinkedTokenSource(stop);
    }

    /// <summary>The operator stopped this worker.</summary>
    public CancellationToken Stop { get; }

    /// <summary>No session may be claimed any more, whoever said so.</summary>
    public CancellationToken Claiming => _claiming.Token;

    /// <summary>Calls in flight are given up.</summary>
    public CancellationToken Abandon => _abandon.Token;

    public Task EndClaimingAsync() => _claiming.CancelAsync();

    public Task AbandonAsync() => _abandon.CancelAsync();

    public void Dispose()
    {
        _claiming.Dispose();
        _abandon.Dispose();
    }
}
