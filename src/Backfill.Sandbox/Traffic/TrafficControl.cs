using Backfill.Sandbox.Clock;
using Backfill.Sandbox.Eras;
using Npgsql;

namespace Backfill.Sandbox.Traffic;

/// <summary>Starts, replaces and stops the traffic. One order after the other: the one before has ended when the next begins.</summary>
internal sealed class TrafficControl(TrafficDatabase database, SandboxClock clock, int sandboxSeed, Era era) : IAsyncDisposable
{
    private readonly TokenPolicy _tokens = new(database, era);
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private readonly CancellationTokenSource _abandon = new();
    private volatile TrafficTally[] _tallies = [];
    private TrafficStream? _current;

    /// <summary>Starts it in the place of what is running.</summary>
    public Task<object> StartAsync(TrafficOrder order) => InTurnAsync(async () =>
    {
        await StopCurrentAsync().ConfigureAwait(false);
        await SetTokensAsync(order.BrokenTokens).ConfigureAwait(false);

        var (number, seed, start) = (_tallies.Length + 1, order.Seed ?? sandboxSeed, clock.Now);
        var tally = new TrafficTally(order, number, seed, start);
        _tallies = [.. _tallies, tally];
        _current = new TrafficStream(new TrafficArrivals(order, seed, number, start), tally, database, clock, _abandon.Token);
    });

    /// <summary>Stops it, and mends the tokens. Nothing is written any more when this returns.</summary>
    public Task<object> StopAsync() => InTurnAsync(async () =>
    {
        await StopCurrentAsync().ConfigureAwait(false);
        await SetTokensAsync(broken: false).ConfigureAwait(false);
    });

    /// <summary>All orders since the sandbox began, the last one last.</summary>
    public object Describe() => new
    {
        SimulatedNow = clock.Now,
        ClockFactor = clock.Factor,
        BrokenTokens = _tokens.IsBroken,
        Traffic = _tallies.Select(tally => tally.Describe()).ToArray(),
    };

    public async ValueTask DisposeAsync()
    {
        await _abandon.CancelAsync().ConfigureAwait(false);
        await _oneAtATime.WaitAsync().ConfigureAwait(false);
        await StopCurrentAsync().ConfigureAwait(false);
        _oneAtATime.Dispose();
        _abandon.Dispose();
    }

    private async Task<object> InTurnAsync(Func<Task> action)
    {
        await _oneAtATime.WaitAsync(_abandon.Token).ConfigureAwait(false);
        try
        {
            await action().ConfigureAwait(false);
            return Describe();
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    private async Task StopCurrentAsync()
    {
        var stream = _current;
        _current = null;
        if (stream is not null) await stream.StopAsync().ConfigureAwait(false);
    }

    private async Task SetTokensAsync(bool broken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await _tokens.SetAsync(broken, _abandon.Token).ConfigureAwait(false);
                return;
            }
            catch (NpgsqlException e) when (e.IsTransient && attempt < 50)
            {
                // The database restarts.
                await Task.Delay(200, _abandon.Token).ConfigureAwait(false);
            }
        }
    }
}
