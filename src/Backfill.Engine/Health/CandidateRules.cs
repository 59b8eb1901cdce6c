namespace Backfill.Engine.Health;

/// <summary>What a session lacks, and whether it can be made. Pure.</summary>
public static class CandidateRules
{
    /// <summary>Why a session without answers can't be backfilled.</summary>
    public const string NoResponses = "no responses";

    /// <summary>Why a session that lacks FC scores only may never get them.</summary>
    public const string NoFcResponses = "no FC responses: score_fc_session has nothing to score";

    /// <summary>Judges a session.</summary>
    /// <param name="facts">What the target holds of it.</param>
    /// <param name="engineVersion">The results version in force.</param>
    /// <returns>The candidate; of one that lacks nothing, <see cref="BackfillCandidate.Backfillable"/> is false and there is no reason.</returns>
    public static BackfillCandidate Judge(SessionFacts facts, string engineVersion)
    {
        ArgumentNullException.ThrowIfNull(facts);
        // A profile that names no version is of no version in force.
        var missingProfile = !facts.HasProfile || !string.Equals(facts.ResultsVersion, engineVersion, StringComparison.Ordinal);
        var missingScores = !facts.HasFcScores;
        var canBeMade = facts.Responses > 0 && (missingProfile || (missingScores && facts.FcResponses > 0));
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
