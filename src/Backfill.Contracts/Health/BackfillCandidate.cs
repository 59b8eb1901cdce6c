namespace Backfill;

/// <summary>A completed session that lacks a profile or FC scores of the version in force.</summary>
public sealed record BackfillCandidate
{
    /// <summary>The session.</summary>
    public required Guid SessionId { get; init; }

    /// <summary>When it began, in UTC.</summary>
    public required DateTimeOffset? CreatedAt { get; init; }

    /// <summary>When it was completed, in UTC.</summary>
    public required DateTimeOffset? CompletedAt { get; init; }

    /// <summary>Whether it has no profile of the version in force: none at all, or one of another version.</summary>
    public required bool MissingProfile { get; init; }

    /// <summary>Whether it has no FC scores of the version and kind in force.</summary>
    public required bool MissingFcScores { get; init; }

    /// <summary>Whether it has a profile, of whatever version.</summary>
    public required bool HasProfile { get; init; }

    /// <summary>The version of the profile that it has; null without one, or where the profile names none.</summary>
    public required string? ResultsVersion { get; init; }

    /// <summary>How many answers it has.</summary>
    public required int Responses { get; init; }

    /// <summary>How many forced-choice answers it has.</summary>
    public required int FcResponses { get; init; }

    /// <summary>Whether something of what it lacks can be made.</summary>
    public required bool Backfillable { get; init; }

    /// <summary>Why nothing can be made; null where something can.</summary>
    public required string? Reason { get; init; }

    /// <summary>The target that it was found on; so a pipeline plans it for that one.</summary>
    public BackfillConnection? Connection { get; init; }
}
