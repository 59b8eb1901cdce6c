using System.Globalization;

namespace Backfill.Sandbox.Clock;

/// <summary>
/// The sandbox's own time: real at its origin, and from there on a factor faster. Whoever is connected to the database
/// can read both, as <c>sandbox.clock_origin</c> and <c>sandbox.clock_factor</c>, and compute the same time.
/// </summary>
/// <param name="Origin">UTC.</param>
/// <param name="Factor">Simulated seconds a real second; 1: the time is the real one.</param>
internal sealed record SandboxClock(DateTimeOffset Origin, decimal Factor)
{
    public DateTimeOffset Now => Whole(Origin.AddTicks((long)((DateTimeOffset.UtcNow - Origin).Ticks * Factor)));

    /// <summary>The origin as ISO 8601, the same in any culture.</summary>
    public string OriginText => Origin.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    public string FactorText => Factor.ToString(CultureInfo.InvariantCulture);

    public static SandboxClock StartingNow(decimal factor) => new(Whole(DateTimeOffset.UtcNow), factor);

    /// <summary>In whole microseconds, as the database keeps times.</summary>
    private static DateTimeOffset Whole(DateTimeOffset time) => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerMicrosecond));
}
