namespace Backfill.Engine.Tests.Sandbox;

/// <summary>Traffic as it is asked for. Shares are 0 to 1, together at most 1: a session has one fault at most.</summary>
/// <param name="RatePerMinute">Sessions that complete in a minute of the sandbox's clock.</param>
public sealed record SandboxTrafficOrder(double RatePerMinute)
{
    /// <summary>Completed, and never scored.</summary>
    public double Unscored { get; init; }

    /// <summary>Profiles with results version v1.1.0.</summary>
    public double WrongVersion { get; init; }

    /// <summary>Forced-choice scores of kind legacy, in the place of functions.</summary>
    public double LegacyKind { get; init; }

    /// <summary>Sound sessions with an engine_version_override in fn_logs.</summary>
    public double OverrideEvents { get; init; }

    /// <summary>get_profile_by_session ignores its token meanwhile.</summary>
    public bool BrokenTokens { get; init; }

    /// <summary>Null: the sandbox's.</summary>
    public int? Seed { get; init; }
}

/// <summary>What became of an order. Times are those of the sandbox's clock.</summary>
/// <param name="Number">The first order of a sandbox has 1.</param>
/// <param name="Running">Neither stopped nor replaced.</param>
/// <param name="StartedAt">The first session completes one interval later.</param>
/// <param name="StoppedAt">Null while it runs.</param>
/// <param name="WrittenUntil">All that was due by then is in the database.</param>
/// <param name="Completed">Sessions written.</param>
/// <param name="Scored">Those that have their scores.</param>
/// <param name="Planted">The sessions with a fault, of those written.</param>
/// <param name="Trouble">Why the last attempt to write failed; null: it did not.</param>
public sealed record SandboxTraffic(
    int Number, bool Running, double RatePerMinute, int Seed, DateTimeOffset StartedAt, DateTimeOffset? StoppedAt, DateTimeOffset WrittenUntil,
    long Completed, long Scored, SandboxPlanted Planted, string? Trouble);

/// <summary>The sessions with a fault, in the order in which they completed.</summary>
public sealed record SandboxPlanted(
    IReadOnlyList<Guid> Unscored, IReadOnlyList<Guid> WrongVersion, IReadOnlyList<Guid> LegacyKind, IReadOnlyList<Guid> OverrideEvents);

/// <summary>The sandbox's time, and all its orders, the last one last.</summary>
public sealed record SandboxTrafficState(
    DateTimeOffset SimulatedNow, double ClockFactor, bool BrokenTokens, [property: System.Text.Json.Serialization.JsonPropertyName("traffic")] IReadOnlyList<SandboxTraffic> Orders)
{
    /// <summary>The last order.</summary>
    public SandboxTraffic Last => Orders[^1];
}
