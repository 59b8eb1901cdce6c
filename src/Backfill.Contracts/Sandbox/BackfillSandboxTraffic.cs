using System.Text.Json.Serialization;

namespace Backfill;

/// <summary>Traffic as the sandbox's control plane takes it. Shares are 0 to 1, together at most 1.</summary>
public sealed record BackfillSandboxTraffic
{
    /// <summary>Sessions that complete in a minute of the sandbox's clock.</summary>
    public required double RatePerMinute { get; init; }

    /// <summary>The share that is completed and never scored.</summary>
    public double Unscored { get; init; }

    /// <summary>The share whose profile is of an older engine.</summary>
    public double WrongVersion { get; init; }

    /// <summary>The share whose forced-choice scores are of kind legacy.</summary>
    public double LegacyKind { get; init; }

    /// <summary>The share with an override event.</summary>
    public double OverrideEvents { get; init; }

    /// <summary>Whether any token opens a profile.</summary>
    public bool BrokenTokens { get; init; }

    /// <summary>Null: the sandbox's own.</summary>
    public int? Seed { get; init; }

    /// <summary>Whether nothing is wrong with it.</summary>
    [JsonIgnore]
    public bool IsSound => !BrokenTokens && Unscored + WrongVersion + LegacyKind + OverrideEvents == 0;

    /// <summary>Rate and faults, for a question: <c>20 sessions a minute, 5 % unscored</c>.</summary>
    /// <returns>One line.</returns>
    public override string ToString() => string.Join(", ", new[]
    {
        FormattableString.Invariant($"{RatePerMinute:0.##} sessions a minute"),
        Share(Unscored, "unscored"),
        Share(WrongVersion, "of the wrong version"),
        Share(LegacyKind, "of legacy kind"),
        Share(OverrideEvents, "with an override event"),
        BrokenTokens ? "any token opens a profile" : null,
        IsSound ? "all sound" : null,
    }.OfType<string>());

    private static string? Share(double share, string what) =>
        share > 0 ? FormattableString.Invariant($"{share * 100:0.##} % {what}") : null;
}
