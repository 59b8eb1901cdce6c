using System.Diagnostics;
using Backfill.Sandbox.Clock;
using Npgsql;

namespace Backfill.Sandbox.Traffic;

/// <summary>
/// An order being carried out: at each tick, the sessions that have completed by the sandbox's clock are written, and
/// those whose scores are due are scored. What one tick cannot do, a later one does; nothing is left out.
/// </summary>
internal sealed class TrafficStream
{
    /// <summary>Sessions a transaction.</summary>
    private const int Batch = 250;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    /// <summary>Before the next attempt, when the database would not have it.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(250);

    /// <summary>For a database that is not there at the end.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly TrafficArrivals _arrivals;
    private readonly TrafficDatabase _database;
    private readonly SandboxClock _clock;
    private readonly TrafficTally _tally;
    private readonly CancellationToken _abandon;
    private readonly CancellationTokenSource _stop;
    private readonly Queue<TrafficSession> _unscored = [];
    private readonly Task _running;

    /// <param name="arrivals">Its sessions.</param>
    /// <param name="tally">Keeps what was written.</param>
    /// <param name="database">Takes them.</param>
    /// <param name="clock">Says when.</param>
    /// <param name="abandon">The sandbox ends: nothing is finished any more.</param>
    public TrafficStream(
        TrafficArrivals arrivals, TrafficTally tally, TrafficDatabase database, SandboxClock clock, CancellationToken abandon)
    {
        (_arrivals, _tally, _database, _clock, _abandon) = (arrivals, tally, database, clock, abandon);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(abandon);
        _running = Task.Run(RunAsync, CancellationToken.None);
    }

    /// <summary>
    /// Stops it. What has completed is scored at once, before its time: nothing stays unscored that was not meant to.
    /// Where the database does not take it for a while, the tally says so.
    /// </summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        var end = _clock.Now;
        for (var since = Stopwatch.GetTimestamp(); !_abandon.IsCancellationRequested; await RestAsync(_abandon).ConfigureAwait(false))
        {
            if (await TryCatchUpAsync(end, isEnd: true).ConfigureAwait(false) || Stopwatch.GetElapsedTime(since) > Patience) break;
        }

        _tally.Stopped(end);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            if (await TryCatchUpAsync(_clock.Now, isEnd: false).ConfigureAwait(false))
                await Task.Delay(Tick, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            else
                await RestAsync(_stop.Token).ConfigureAwait(false);
        }
    }

    private async Task<bool> TryCatchUpAsync(DateTimeOffset now, bool isEnd)
    {
        try
        {
            while (await WriteAsync(now, isEnd).ConfigureAwait(false))
            {
            }

            _tally.CaughtUp(now);
            return true;
        }
        catch (NpgsqlException e)
        {
            // It restarts, or a table has been taken away: it will be back, or there is no end to this, which the tally tells.
            _tally.Failed(e.Message);
            return false;
        }
        catch (OperationCanceledException) when (_abandon.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <returns>Whether there was anything to write.</returns>
    private async Task<bool> WriteAsync(DateTimeOffset now, bool isEnd)
    {
        var completed = _arrivals.Until(now, Batch);
        ScoredSession[] scored =
        [
            .. _unscored.Concat(completed.Where(session => session.Fault != TrafficFault.Unscored))
                .TakeWhile(session => isEnd || session.CompletedAt + ScoredSession.UntilMade <= now)
                .Take(Batch)
                .Select(session => ScoredSession.Of(session, now)),
        ];
        if (completed.Count == 0 && scored.Length == 0) return false;

        var hasLogs = await _database.WriteAsync(completed, scored, _abandon).ConfigureAwait(false);
        _arrivals.Written(completed.Count);
        foreach (var session in completed.Where(session => session.Fault != TrafficFault.Unscored)) _unscored.Enqueue(session);
        for (var i = 0; i < scored.Length; i++) _unscored.Dequeue();
        _tally.Wrote(completed, scored, hasLogs);
        return true;
    }

    private static async Task RestAsync(CancellationToken cancellationToken) =>
        await Task.Delay(Rest, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
