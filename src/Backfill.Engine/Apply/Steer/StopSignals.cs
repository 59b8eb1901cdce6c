namespace Backfill.Engine.Apply.Steer;

/// <summary>The ways a worker ends: asked to stop, no new claims, no further calls, calls in flight given up.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _claiming;
    private readonly CancellationTokenSource _calling;
    private readonly CancellationTokenSource _abandon = new();

    public StopSignals(CancellationToken stop)
    {
        Stop = stop;
        _claiming = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _calling = CancellationTokenSource.CreateLinkedTokenSource(stop);
    }

    /// <summary>The operator stopped this worker.</summary>
    public CancellationToken Stop { get; }

    /// <summary>No session may be claimed any more, whoever said so.</summary>
    public CancellationToken Claiming => _claiming.Token;

    /// <summary>Nothing may be called any more: the worker was stopped, or the run is halted.</summary>
    public CancellationToken Calling => _calling.Token;

    /// <summary>Calls in flight are given up.</summary>
    public CancellationToken Abandon => _abandon.Token;

    public Task EndClaimingAsync() => _claiming.CancelAsync();

    /// <summary>The run is halted: sessions in hand go back once their call in flight has ended.</summary>
    public async Task HaltAsync()
    {
        await _calling.CancelAsync().ConfigureAwait(false);
        await _claiming.CancelAsync().ConfigureAwait(false);
    }

    public Task AbandonAsync() => _abandon.CancelAsync();

    public void Dispose()
    {
        _claiming.Dispose();
        _calling.Dispose();
        _abandon.Dispose();
    }
}
