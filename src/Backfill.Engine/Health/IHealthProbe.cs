namespace Backfill.Engine.Health;

/// <summary>What the target holds of one session, as far as a backfill must know it.</summary>
/// <param name="SessionId">The session.</param>
/// <param name="CreatedAt">When it began.</param>
/// <param name="CompletedAt">When it was completed; null if it is not, or does not say.</param>
/// <param name="HasProfile">Whether it has a profile, of whatever version.</param>
/// <param name="ResultsVersion">That profile's version; null also where it names none.</param>
/// <param name="HasFcScores">Whether it has FC scores of the version and kind in force.</param>
/// <param name="Responses">Its answers.</param>
/// <param name="FcResponses">Its forced-choice answers.</param>
public sealed record SessionFacts(
    Guid SessionId,
    DateTimeOffset? CreatedAt,
    DateTimeOffset? CompletedAt,
    bool HasProfile,
    string? ResultsVersion,
    bool HasFcScores,
    int Responses,
    int FcResponses);

/// <summary>A session that a function refused for good.</summary>
/// <param name="RunId">In which run.</param>
/// <param name="Reason">Why.</param>
public sealed record RefusedSession(Guid RunId, string Reason);

/// <summary>How a measurement was made, and over how much.</summary>
/// <param name="SessionsAnalyzed">Sessions completed in the window.</param>
/// <param name="MeasuredAt">The database's time of the snapshot that all figures are of.</param>
/// <param name="Role">Whom we were there.</param>
/// <param name="Statement">The query that found the sessions, with its parameters as <c>$1</c>, ….</param>
/// <param name="Undated">Completed sessions that no window can hold: their <c>completed_at</c> is null or infinite.</param>
/// <param name="UndatedIds">The first of those.</param>
public sealed record HealthReading(
    long SessionsAnalyzed, DateTimeOffset MeasuredAt, string Role, string Statement, long Undated, IReadOnlyList<Guid> UndatedIds);

/// <summary>
/// Finds the sessions that lack something. Reads only, in one READ ONLY transaction with one snapshot, and sees all rows or fails.
/// </summary>
public interface IHealthProbe
{
    /// <summary>The sessions of the window that lack a current profile or scores, by <c>completed_at</c> and id, as they come.</summary>
    /// <param name="query">What is looked for.</param>
    /// <param name="cancellationToken">Stops the query.</param>
    /// <returns>The sessions; a reader that is slow does not keep the transaction open.</returns>
    /// <exception cref="BackfillException">
    /// <c>RowsHidden</c>: row-level security would hide rows; <c>PermissionDenied</c>, <c>TablesMissing</c>, <c>DatabaseTimeout</c>,
    /// <c>DatabaseUnreachable</c> and the like.
    /// </exception>
    IAsyncEnumerable<SessionFacts> FindAsync(HealthQuery query, CancellationToken cancellationToken);

    /// <summary>The same sessions, and over how many they were found, from one snapshot.</summary>
    /// <param name="query">What is looked for.</param>
    /// <param name="found">Takes each session, in order.</param>
    /// <param name="cancellationToken">Stops the query.</param>
    /// <returns>How it was measured.</returns>
    /// <exception cref="BackfillException">As <see cref="FindAsync"/>.</exception>
    Task<HealthReading> MeasureAsync(HealthQuery query, Action<SessionFacts> found, CancellationToken cancellationToken);

    /// <summary>The sessions that a function refused for good, by the ledger, under a plan of the versions that are asked for.</summary>
    /// <param name="query">What is looked for.</param>
    /// <param name="cancellationToken">Stops the query.</param>
    /// <returns>What is known of each, by its last refusal; one that has succeeded since is not among them.</returns>
    /// <exception cref="BackfillException">As <see cref="FindAsync"/>.</exception>
    Task<IReadOnlyDictionary<Guid, RefusedSession>> FindRefusedAsync(HealthQuery query, CancellationToken cancellationToken);

    /// <summary>Named sessions, whatever they lack, by <c>completed_at</c> and id.</summary>
    /// <param name="sessions">Their ids.</param>
    /// <param name="fcVersion">The version that FC scores must have.</param>
    /// <param name="cancellationToken">Stops the query.</param>
    /// <returns>Those that are there.</returns>
    /// <exception cref="BackfillException">As <see cref="FindAsync"/>.</exception>
    Task<IReadOnlyList<SessionFacts>> LookUpAsync(
        IReadOnlyCollection<Guid> sessions, string fcVersion, CancellationToken cancellationToken);
}
