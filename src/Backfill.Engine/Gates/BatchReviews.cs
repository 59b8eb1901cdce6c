using System.Text.Json;

namespace Backfill.Engine.Gates;

/// <summary>Which of a run's reviews its gate <c>BatchReview</c> stands for now. Pure.</summary>
internal static class BatchReviews
{
    /// <summary>The name in the evidence that tells to which review a decision belongs.</summary>
    public const string Place = "after_ordinal";

    /// <summary>The review that the run has come to, and that no approval has opened; null where there is none.</summary>
    public static ReviewFigures? Due(GateFacts facts) =>
        facts.Reviews.FirstOrDefault(r => !r.IsPassed) is { Remaining: 0, IsMoreLeft: true } due ? due : null;

    /// <summary>The review that is due; else the last one that was decided on; else the first. Null where the run has none.</summary>
    public static ReviewFigures? Current(GateFacts facts) => Due(facts)
        ?? facts.Reviews.LastOrDefault(r => r.IsPassed || facts.Entries.Any(e => IsOf(e, r)))
        ?? (facts.Reviews.Count == 0 ? null : facts.Reviews[0]);

    /// <summary>Whether a decision, or a use, is of a review: its own evidence says so.</summary>
    public static bool IsOf(GateEntry entry, ReviewFigures? review)
    {
        if (review is null || entry.Gate != BackfillGateName.BatchReview)
            return false;
        using var evidence = JsonDocument.Parse(entry.Evidence);
        return evidence.RootElement.ValueKind == JsonValueKind.Object
            && evidence.RootElement.TryGetProperty(Place, out var place)
            && place.ValueKind == JsonValueKind.Number
            && place.TryGetInt32(out var after)
            && after == review.AfterOrdinal;
    }
}

/// <summary>A review, and the run's sessions up to it in figures.</summary>
/// <param name="AfterOrdinal">The last session before it.</param>
/// <param name="Name">After what, in words.</param>
/// <param name="IsPassed">Whether an approval has opened it.</param>
/// <param name="Total">Sessions up to it.</param>
/// <param name="Succeeded">Verified.</param>
/// <param name="NoEffect">Answered well with nothing written.</param>
/// <param name="Failed">Failed.</param>
/// <param name="Skipped">Not called.</param>
/// <param name="Unknown">Perhaps committed.</param>
/// <param name="Remaining">Not settled.</param>
/// <param name="IsMoreLeft">Whether a session after it is not settled.</param>
/// <param name="LastSettledAt">When the last of them was settled.</param>
/// <param name="SessionsDigest">SHA-256 of them with their outcomes, hex.</param>
/// <param name="ImagesDigest">SHA-256 of their images, hex.</param>
/// <param name="MedianMs">What half of their calls took at most, in milliseconds; null where none was measured.</param>
/// <param name="Calls">How many calls that was counted from.</param>
/// <param name="GuardHolds">How many times the target's signals held the run before the last of these sessions was settled.</param>
/// <param name="GuardReason">Why the last time, in words; null where it was never held.</param>
public sealed record ReviewFigures(
    int AfterOrdinal,
    string Name,
    bool IsPassed,
    int Total,
    int Succeeded,
    int NoEffect,
    int Failed,
    int Skipped,
    int Unknown,
    int Remaining,
    bool IsMoreLeft,
    DateTimeOffset? LastSettledAt,
    string SessionsDigest,
    string ImagesDigest,
    long? MedianMs,
    int Calls,
    int GuardHolds = 0,
    string? GuardReason = null);
