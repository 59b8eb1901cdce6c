namespace Backfill.Engine.Health;

/// <summary>What a session lacks, and whether it can be made. Pure.</summary>
public static class CandidateRules
{
    /// <summary>Why a session without answers can't be backfilled.</summary>
    public const string NoResponses = "no responses";

    /// <summary>
    /// Why a session without forced-choice answers can't be backfilled: it gets no FC scores, and no profile without them.
    /// </summary>
    public const string NoFcResponses =
        "no FC responses: score_fc_session has nothing to score, and score_prism refuses a session without its scores";

    /// <summary>Why a session is planned no more, where many are told of as one.</summary>
    public const string Refused = "refused for good in an earlier run";

    /// <summary>The same candidate, unless a function refused it for good: then it is planned no more.</summary>
    /// <param name="candidate">The candidate.</param>
    /// <param name="refused">By session: what the ledger says of the sessions that were refused.</param>
    /// <returns>The candidate, as it can be planned.</returns>
    public static BackfillCandidate Consider(BackfillCandidate candidate, IReadOnlyDictionary<Guid, RefusedSession> refused)
    {
        ArgumentNullException.ThrowIfNull(candidate);
        ArgumentNullException.ThrowIfNull(refused);
        return candidate.Backfillable && refused.TryGetValue(candidate.SessionId, out var refusal)
            ? candidate with { Backfillable = false, Reason = $"refused for good in run {refusal.RunId}: {refusal.Reason}" }
            : candidate;
    }

    /// <summary>Judges a session.</summary>
    /// <param name="facts">What the target holds of it.</param>
    /// <param name="engineVersion">The results version in force.</param>
    /// <returns>
    /// The candidate; of one that lacks nothing, <see cref="BackfillCandidate.Backfillable"/> is false and there is no reason.
    /// </returns>
    public static BackfillCandidate Judge(SessionFacts facts, string engineVersion)
    {
        ArgumentNullException.ThrowIfNull(facts);
        // A profile that names no version is of no version in force.
        var missingProfile = !facts.HasProfile || !string.Equals(facts.ResultsVersion, engineVersion, StringComparison.Ordinal);
        var missingScores = !facts.HasFcScores;
        var canBeMade = facts.Responses > 0 && (facts.FcResponses > 0 || (missingProfile && facts.HasFcScores));
        canBeMade &= missingProfile || missingScores;
        return new()
        {
            SessionId = facts.SessionId,
            CreatedAt = facts.CreatedAt,
            CompletedAt = facts.CompletedAt,
            MissingProfile = missingProfile,
            MissingFcScores = missingScores,
            HasProfile = facts.HasProfile,
            ResultsVersion = facts.ResultsVersion,
            Responses = facts.Responses,
            FcResponses = facts.FcResponses,
            Backfillable = canBeMade,
            Reason = canBeMade || !(missingProfile || missingScores) ? null
                : facts.Responses == 0 ? NoResponses
                : NoFcResponses,
        };
    }
}
