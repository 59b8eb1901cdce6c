namespace Backfill.Engine.Gates;

/// <summary>
/// A run's rows as they are now, beside what it left. They are the live system's, not the ledger's: no part of the evidence that a
/// decision is bound to, for the next write of anybody would undo every decision.
/// </summary>
/// <param name="Changed">Rows of settled sessions that are not as their sessions left them: changed, added or deleted since.</param>
/// <param name="InConflict">Rows that a rollback would leave as they are: neither as the run left them nor as they were before it.</param>
/// <param name="First">The first few of all these rows.</param>
/// <param name="Problem">Why they could not be compared; null where they were.</param>
public sealed record ComparedRows(long Changed, long InConflict, IReadOnlyList<ComparedRow> First, string? Problem = null)
{
    /// <summary>Nothing could be compared.</summary>
    /// <param name="problem">Why.</param>
    /// <returns>No figures.</returns>
    public static ComparedRows NotMeasured(string problem) => new(0, 0, [], problem);
}

/// <summary>One row.</summary>
/// <param name="SessionId">Its session.</param>
/// <param name="Table">Schema and table.</param>
/// <param name="Key">The primary key, as PostgreSQL writes a record of it.</param>
public sealed record ComparedRow(Guid SessionId, string Table, string Key);
