namespace Backfill.Engine.Reports;

/// <summary>What a report shows of a run beside its figures. Reads only; what is counted is counted by the database.</summary>
public interface IReportReader
{
    /// <summary>Settled sessions by outcome and category.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The counts, by their names.</returns>
    Task<IReadOnlyList<OutcomeCount>> CountOutcomesAsync(Guid runId, CancellationToken cancellationToken);

    /// <summary>
    /// So many settled sessions: those that did not succeed first, of each outcome and category in turn, so that a frequent
    /// kind never hides a rare one; then the others.
    /// </summary>
    /// <param name="runId">The run.</param>
    /// <param name="most">How many at most.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The sessions in the run's order, as they come.</returns>
    IAsyncEnumerable<BackfillSessionResult> ReadSomeSessionsAsync(Guid runId, int most, CancellationToken cancellationToken);

    /// <summary>Starts and settlements by time.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="scale">How time is divided; what lies outside counts in the first or the last part.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The parts in which anything happened, in order.</returns>
    Task<IReadOnlyList<TimelinePart>> ReadTimelineAsync(Guid runId, TimelineScale scale, CancellationToken cancellationToken);

    /// <summary>What was ordered or decided of the run, in order.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The events.</returns>
    Task<IReadOnlyList<RunEvent>> ReadEventsAsync(Guid runId, CancellationToken cancellationToken);

    /// <summary>The processes that work, or worked, on the run, in the order of their starts.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The workers.</returns>
    Task<IReadOnlyList<RunWorker>> ReadWorkersAsync(Guid runId, CancellationToken cancellationToken);

    /// <summary>The run's rollbacks, in order, a line a table.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The lines.</returns>
    Task<IReadOnlyList<RollbackLine>> ReadRollbacksAsync(Guid runId, CancellationToken cancellationToken);
}

/// <summary>Settled sessions of one kind.</summary>
/// <param name="Outcome">How they ended.</param>
/// <param name="Category">What kind of failure; null where there is none.</param>
/// <param name="Sessions">How many.</param>
public sealed record OutcomeCount(BackfillOutcome Outcome, BackfillCategory? Category, int Sessions);

/// <summary>What happened in one part of a run's time.</summary>
/// <param name="Number">Which part, from 0.</param>
/// <param name="Starts">Session attempts that made their first call.</param>
/// <param name="Succeeded">Sessions settled: verified.</param>
/// <param name="NoEffect">Answered well with nothing written.</param>
/// <param name="Failed">Failed.</param>
/// <param name="Skipped">Not called.</param>
/// <param name="Unknown">Perhaps committed.</param>
public sealed record TimelinePart(int Number, int Starts, int Succeeded, int NoEffect, int Failed, int Skipped, int Unknown)
{
    /// <summary>Sessions settled.</summary>
    public int Settled => Succeeded + NoEffect + Failed + Skipped + Unknown;
}

/// <summary>What was ordered or decided of a run.</summary>
/// <param name="At">When, by the database's clock.</param>
/// <param name="Event">What, for example <c>Suspend</c> or <c>BreakerOpened</c>.</param>
/// <param name="State">Where the run stood then.</param>
/// <param name="ThrottlePerMinute">Its limit from then on.</param>
/// <param name="ConcurrencyLimit">Sessions in hand at once from then on.</param>
/// <param name="Who">User and host, and the database role.</param>
/// <param name="Reason">Why; null where nobody said.</param>
public sealed record RunEvent(
    DateTimeOffset At, string Event, BackfillRunState State, int ThrottlePerMinute, int ConcurrencyLimit, string Who, string? Reason);

/// <summary>A process that works, or worked, on a run.</summary>
/// <param name="Who">User and host.</param>
/// <param name="ProcessId">Its number on that host.</param>
/// <param name="StartedAt">When it came.</param>
/// <param name="SeenAt">When it was seen last.</param>
/// <param name="EndedAt">When it went; null where it did not say so.</param>
/// <param name="WaitedFor">How long it has waited: for a slot, for the platform, paused.</param>
/// <param name="WaitingFor">What it waits for, or waited for when it was seen last.</param>
public sealed record RunWorker(
    string Who, int ProcessId, DateTimeOffset StartedAt, DateTimeOffset SeenAt, DateTimeOffset? EndedAt, TimeSpan WaitedFor, string? WaitingFor);

/// <summary>What one rollback did to one table.</summary>
/// <param name="At">When, by the database's clock.</param>
/// <param name="WholeRun">Whether every session of the run was taken in.</param>
/// <param name="ByScript">Whether it was the script, run by hand.</param>
/// <param name="Sessions">Sessions taken in.</param>
/// <param name="Who">User and host, and the database role.</param>
/// <param name="Reason">Why; null where nobody said.</param>
/// <param name="Table">Schema and table; null where no table was touched.</param>
/// <param name="Deleted">Rows deleted.</param>
/// <param name="Restored">Rows that got their old values back.</param>
/// <param name="Reinserted">Rows that came back.</param>
/// <param name="Conflicts">Rows left as they are.</param>
/// <param name="Verified">Whether every row that was undone was read again and is as before.</param>
public sealed record RollbackLine(
    DateTimeOffset At,
    bool WholeRun,
    bool ByScript,
    long Sessions,
    string Who,
    string? Reason,
    string? Table,
    long Deleted,
    long Restored,
    long Reinserted,
    long Conflicts,
    bool Verified);
