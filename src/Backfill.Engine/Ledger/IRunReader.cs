namespace Backfill.Engine.Ledger;

/// <summary>Reads what the ledger holds of runs. Views, reports and artifacts are made from this alone.</summary>
public interface IRunReader
{
    /// <summary>Runs, newest first.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The runs, as they come.</returns>
    IAsyncEnumerable<BackfillRun> ListAsync(RunFilter filter, CancellationToken cancellationToken);

    /// <summary>Settled sessions in the run's order.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="outcome">Only those; null for all.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The sessions, as they come.</returns>
    IAsyncEnumerable<BackfillSessionResult> ReadSessionsAsync(
        Guid runId, BackfillOutcome? outcome, CancellationToken cancellationToken);

    /// <summary>Settled sessions that did not succeed, in the run's order.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The sessions, as they come.</returns>
    IAsyncEnumerable<BackfillSessionResult> ReadErrorsAsync(Guid runId, CancellationToken cancellationToken);

    /// <summary>Every attempt that was made, in the run's order, so batch by batch.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The attempts, as they come.</returns>
    IAsyncEnumerable<OperationLogEntry> ReadOperationLogAsync(Guid runId, CancellationToken cancellationToken);

    /// <summary>What was ordered and decided, and how runs changed their state; oldest first.</summary>
    /// <param name="runId">The run; null for all.</param>
    /// <param name="last">Only so many of the newest; null for all.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The events, as they come.</returns>
    IAsyncEnumerable<BackfillEvent> ReadEventsAsync(Guid? runId, int? last, CancellationToken cancellationToken);

    /// <summary>Figures of each batch, in the plan's order.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The figures.</returns>
    Task<IReadOnlyList<BatchFigures>> ReadBatchesAsync(Guid runId, CancellationToken cancellationToken);

    /// <summary>Rows that the run added, wrote over and removed, by table and recorded values.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The figures, from the images.</returns>
    Task<IReadOnlyList<ActualTableChange>> ReadChangesAsync(Guid runId, CancellationToken cancellationToken);

    /// <summary>What tells runs apart, newest first; quick, however much they did.</summary>
    /// <param name="states">Only runs in one of those states; null for all.</param>
    /// <param name="most">So many at most.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The labels.</returns>
    Task<IReadOnlyList<RunLabel>> ReadLabelsAsync(IReadOnlyList<string>? states, int most, CancellationToken cancellationToken);

    /// <summary>The batches of a run, in the plan's order.</summary>
    /// <param name="runId">The run; null for the newest one.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>Their ids.</returns>
    Task<IReadOnlyList<string>> ReadBatchIdsAsync(Guid? runId, CancellationToken cancellationToken);
}

/// <summary>One attempt, as a log line has it.</summary>
/// <param name="BatchId">The plan's batch.</param>
/// <param name="SessionId">The session.</param>
/// <param name="Function">The edge function.</param>
/// <param name="Params">What was sent with it; JSON.</param>
/// <param name="StartedAt">When it was sent, by the database's clock; null where it was not.</param>
/// <param name="DurationMs">From sending to the end of the answer.</param>
/// <param name="Attempt">Which attempt, from 1; 0 where it was not called.</param>
/// <param name="StatusCode">The HTTP status.</param>
/// <param name="Outcome">How it ended; null while it has not.</param>
/// <param name="Category">What kind of failure.</param>
/// <param name="Message">What happened.</param>
public sealed record OperationLogEntry(
    string BatchId,
    Guid SessionId,
    string Function,
    string Params,
    DateTimeOffset? StartedAt,
    long? DurationMs,
    int Attempt,
    int? StatusCode,
    BackfillOutcome? Outcome,
    BackfillCategory? Category,
    string? Message);

/// <summary>One batch of a run.</summary>
/// <param name="BatchId">The batch.</param>
/// <param name="StartedAt">Its first claim.</param>
/// <param name="CompletedAt">Its last settlement; null while any session is unsettled.</param>
/// <param name="Total">Its sessions.</param>
/// <param name="Succeeded">Verified.</param>
/// <param name="NoEffect">Answered well with nothing written.</param>
/// <param name="Failed">Failed.</param>
/// <param name="Skipped">Not called.</param>
/// <param name="Unknown">Perhaps committed.</param>
/// <param name="NeverCalled">Not called before the run was ended.</param>
public sealed record BatchFigures(
    string BatchId,
    DateTimeOffset? StartedAt,
    DateTimeOffset? CompletedAt,
    int Total,
    int Succeeded,
    int NoEffect,
    int Failed,
    int Skipped,
    int Unknown,
    int NeverCalled)
{
    /// <summary>Sessions that are settled.</summary>
    public int Settled => Succeeded + NoEffect + Failed + Skipped + Unknown + NeverCalled;
}

/// <summary>What happened to the rows of one table that have the same recorded values.</summary>
/// <param name="Table">Schema and table.</param>
/// <param name="Values">The recorded columns' values, for example <c>version</c> and <c>fc_kind</c>.</param>
/// <param name="NewRows">Rows that were not there before.</param>
/// <param name="UpdatedRows">Rows written over.</param>
/// <param name="DeletedRows">Rows gone.</param>
public sealed record ActualTableChange(
    string Table, IReadOnlyDictionary<string, string?> Values, int NewRows, int UpdatedRows, int DeletedRows);
