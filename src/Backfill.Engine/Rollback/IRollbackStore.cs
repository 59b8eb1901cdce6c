namespace Backfill.Engine.Rollback;

/// <summary>Undoes what runs did, from the images in the ledger.</summary>
public interface IRollbackStore
{
    /// <summary>What a rollback would do now. Locks nothing and leaves nothing behind.</summary>
    /// <param name="selection">What is to be undone.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>Counts and conflicts.</returns>
    /// <exception cref="BackfillException"><c>RunNotFound</c>, <c>SessionNotInRun</c>, <c>TargetChanged</c>.</exception>
    Task<RollbackLook> LookAsync(RollbackSelection selection, CancellationToken cancellationToken);

    /// <summary>Undoes, verifies and records it, in one transaction.</summary>
    /// <param name="order">What, by whom and why.</param>
    /// <param name="cancellationToken">Stops the call; before the commit, nothing has changed then.</param>
    /// <returns>What was done; with <see cref="BackfillConflictRule.Stop"/> and conflicts, nothing.</returns>
    /// <exception cref="BackfillException">
    /// As for looking; and <c>RunBusy</c>: somebody works on the run or a call of it may still be committed;
    /// <c>RunRolledBack</c>; <c>RollbackNotVerified</c>.
    /// </exception>
    Task<RollbackDone> UndoAsync(RollbackOrder order, CancellationToken cancellationToken);

    /// <summary>Writes the same as an SQL script. Reads only; its memory does not grow with the run.</summary>
    /// <param name="order">What, by whom and why.</param>
    /// <param name="script">Where it goes; must be able to seek.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>A task.</returns>
    Task WriteScriptAsync(RollbackOrder order, Stream script, CancellationToken cancellationToken);

    /// <summary>Writes a script for work that left no images: by version, kind and time. It removes rows and brings nothing back.</summary>
    /// <param name="rollback">Which rows.</param>
    /// <param name="script">Where it goes.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>A task.</returns>
    /// <exception cref="BackfillException">
    /// <c>TimestampUnusable</c>: a function's rows can't be told by version and time. <c>LedgerNotInstalled</c>.
    /// </exception>
    Task WriteTimestampScriptAsync(TimestampRollback rollback, Stream script, CancellationToken cancellationToken);
}

/// <summary>Rows that a plan's functions are to have left in a window of time.</summary>
/// <param name="Plan">The plan; its own text is never run.</param>
/// <param name="Sessions">The sessions that the plan means on this target.</param>
/// <param name="After">Rows last written at that time or later.</param>
/// <param name="Before">Rows last written before that time; null for no end.</param>
/// <param name="Operator">Who: user and host.</param>
public sealed record TimestampRollback(
    BackfillPlan Plan, IReadOnlyCollection<Guid> Sessions, DateTimeOffset After, DateTimeOffset? Before, string Operator);

/// <summary>A rollback as it is ordered.</summary>
/// <param name="RollbackId">Its id in the ledger.</param>
/// <param name="Selection">What is undone.</param>
/// <param name="Rule">What happens with conflicts.</param>
/// <param name="Operator">Who: user and host.</param>
/// <param name="Reason">Why.</param>
public sealed record RollbackOrder(
    Guid RollbackId, RollbackSelection Selection, BackfillConflictRule Rule, string Operator, string? Reason);
