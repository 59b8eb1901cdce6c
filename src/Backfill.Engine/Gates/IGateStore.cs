namespace Backfill.Engine.Gates;

/// <summary>The ledger's gates: what they are judged by, and what was decided. Decisions are only ever added.</summary>
public interface IGateStore
{
    /// <summary>Reads all of a run's gates, from one snapshot. Writes nothing.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The facts.</returns>
    /// <exception cref="BackfillException"><c>RunNotFound</c>.</exception>
    Task<GateFacts> ReadAsync(Guid runId, CancellationToken cancellationToken);

    /// <summary>
    /// Reads the facts under the run's lock, lets <paramref name="decide"/> judge, and adds what it gives, in one transaction.
    /// </summary>
    /// <param name="runId">The run.</param>
    /// <param name="decide">Judges; pure. Null, or an exception, adds nothing.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The facts after it.</returns>
    /// <exception cref="BackfillException"><c>RunNotFound</c>, and what <paramref name="decide"/> throws.</exception>
    Task<GateFacts> WriteAsync(Guid runId, Func<GateFacts, GateEntry?> decide, CancellationToken cancellationToken);

    /// <summary>Keeps what was measured of a production run's sessions, with the database's time.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="health">What was measured.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>When it is kept.</returns>
    Task AddHealthAsync(Guid runId, RunHealth health, CancellationToken cancellationToken);
}
