namespace Backfill.Purge;

/// <summary>Removes runs that have ended from the ledger, with everything that is known of them.</summary>
public interface IPurgeStore
{
    /// <summary>What would go. Locks nothing.</summary>
    /// <param name="selection">Which runs.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>A line a run, oldest first; runs that are not there are left out.</returns>
    Task<IReadOnlyList<RunToRemove>> LookAsync(PurgeSelection selection, CancellationToken cancellationToken);

    /// <summary>Removes runs in one transaction, and plans that no run uses any more.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="cancellationToken">Stops the call; before the commit, nothing has changed then.</param>
    /// <returns>The runs that were removed; those that were gone already are left out.</returns>
    /// <exception cref="BackfillException"><c>RunNotFinished</c>, <c>RunBusy</c>: then none was removed.</exception>
    Task<IReadOnlyList<RunToRemove>> RemoveAsync(IReadOnlyCollection<Guid> runs, CancellationToken cancellationToken);
}

/// <summary>Runs by their ids, or finished ones by their age, or those that both mean; one of the two is there.</summary>
/// <param name="Runs">The runs; null for all that are old enough.</param>
/// <param name="OlderThan">Only finished runs that ended so long ago, by the database's clock.</param>
public sealed record PurgeSelection(IReadOnlyCollection<Guid>? Runs, TimeSpan? OlderThan);

/// <summary>A run, and what goes with it.</summary>
/// <param name="RunId">The run.</param>
/// <param name="State">Where it stands.</param>
/// <param name="PlanVersion">The plan's own version.</param>
/// <param name="EndedAt">When it ended.</param>
/// <param name="Sessions">Its sessions.</param>
/// <param name="Calls">Attempts at calls.</param>
/// <param name="Images">Rows as they were before the run; they are its undo.</param>
/// <param name="Decisions">Decisions on its gates, and their uses.</param>
/// <param name="Soaks">Its soaks.</param>
/// <param name="Rollbacks">Rollbacks of it.</param>
/// <param name="Busy">Why it can't go now; null where it can.</param>
public sealed record RunToRemove(
    Guid RunId,
    BackfillRunState State,
    string PlanVersion,
    DateTimeOffset? EndedAt,
    long Sessions,
    long Calls,
    long Images,
    long Decisions,
    long Soaks,
    long Rollbacks,
    string? Busy)
{
    /// <summary>Whether its images could still undo something: nothing is left of a run that is rolled back.</summary>
    public bool HoldsUndo => Images > 0 && State != BackfillRunState.RolledBack;
}
