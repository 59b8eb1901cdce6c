namespace Backfill;

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
