using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Backfill.Sandbox.Clock;

namespace Backfill.Sandbox.Traffic;

/// <summary>Traffic as it is asked for. Numbers are decimals, so that a share of 0.05 is one in twenty and nothing else.</summary>
internal sealed record TrafficOrder
{
    private const decimal LowestRate = 0.01m;
    private const decimal HighestRate = 100_000m;

    /// <summary>Sessions a real second that two busy cores still write.</summary>
    private const decimal MostASecond = 1_000m;

    private static readonly JsonSerializerOptions Strict = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        // Traffic with a misspelt fault would be healthy.
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>Sessions that complete in a minute of the sandbox's clock.</summary>
    public required decimal RatePerMinute { get; init; }

    public decimal Unscored { get; init; }

    public decimal WrongVersion { get; init; }

    public decimal LegacyKind { get; init; }

    public decimal OverrideEvents { get; init; }

    /// <summary>Whether <c>get_profile_by_session</c> ignores its token meanwhile.</summary>
    public bool BrokenTokens { get; init; }

    /// <summary>Null: the sandbox's own.</summary>
    public int? Seed { get; init; }

    /// <summary>The faults with their shares, 0 to 1.</summary>
    [JsonIgnore]
    public (TrafficFault Fault, decimal Share)[] Shares =>
    [
        (TrafficFault.Unscored, Unscored),
        (TrafficFault.WrongVersion, WrongVersion),
        (TrafficFault.LegacyKind, LegacyKind),
        (TrafficFault.OverrideEvents, OverrideEvents),
    ];

    /// <exception cref="JsonException">It is no traffic, or more than this clock leaves time for; the message says why.</exception>
    public static async ValueTask<TrafficOrder> ReadAsync(Stream body, SandboxClock clock, CancellationToken cancellationToken)
    {
        var order = await JsonSerializer.DeserializeAsync<TrafficOrder>(body, Strict, cancellationToken).ConfigureAwait(false)
            ?? throw new JsonException("Traffic is a JSON object.");
        return order.Objection(clock) is { } objection ? throw new JsonException(objection) : order;
    }

    private string? Objection(SandboxClock clock)
    {
        if (RatePerMinute is not (>= LowestRate and <= HighestRate))
            return FormattableString.Invariant($"rate_per_minute is from {LowestRate} to {HighestRate}.");
        if (Array.Exists(Shares, share => share.Share is not (>= 0 and <= 1)))
            return "unscored, wrong_version, legacy_kind and override_events are shares, from 0 to 1.";
        if (Shares.Sum(share => share.Share) > 1)
            return "unscored, wrong_version, legacy_kind and override_events are together at most 1: a session has one fault at most.";

        return RatePerMinute * clock.Factor / 60 is var aSecond and > MostASecond
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{RatePerMinute} sessions a minute are {aSecond:0} a second where the clock goes {clock.Factor} times as fast; at most {MostASecond:0} can be written.")
            : null;
    }
}
