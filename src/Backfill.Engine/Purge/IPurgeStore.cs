namespace Backfill.Engine.Purge;

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
