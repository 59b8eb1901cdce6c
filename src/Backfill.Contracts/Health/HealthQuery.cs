namespace Backfill;

/// <summary>What is to be looked for.</summary>
/// <param name="Since">Only sessions completed then or later.</param>
/// <param name="Until">Only sessions completed before; null for no end.</param>
/// <param name="EngineVersion">The results version that a profile must have.</param>
/// <param name="FcVersion">The version that FC scores must have.</param>
/// <param name="First">At most so many, the oldest; null for all.</param>
/// <param name="StatementTimeout">How long one statement may take.</param>
public sealed record HealthQuery(
    DateTimeOffset Since, DateTimeOffset? Until, string EngineVersion, string FcVersion, int? First, TimeSpan StatementTimeout);
