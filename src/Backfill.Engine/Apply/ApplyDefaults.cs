using Backfill.Engine.Ledger;

namespace Backfill.Engine.Apply;

/// <summary>Settings that a plan does not give.</summary>
public static class ApplyDefaults
{
    /// <summary>Sessions in hand at once.</summary>
    public const int ConcurrencyLimit = 4;

    /// <summary>How long a claim holds without a heartbeat.</summary>
    public static TimeSpan Lease { get; } = TimeSpan.FromSeconds(60);

    /// <summary>How long after sending a call may still be committed: the platform's longest worker life, 400 s, and a margin.</summary>
    public static TimeSpan QuietPeriod { get; } = TimeSpan.FromSeconds(405);

    /// <summary>The same in the sandbox.</summary>
    public static TimeSpan SandboxQuietPeriod { get; } = TimeSpan.FromSeconds(2);

    /// <summary>A run whose target's API can't be reached finds out so often whether it can again.</summary>
    public static TimeSpan UnreachablePause { get; } = TimeSpan.FromSeconds(2);

    /// <summary>After how long without a connection to the target's API a run halts.</summary>
    public static TimeSpan UnreachableLimit { get; } = TimeSpan.FromMinutes(2);

    /// <summary>When failures halt a run.</summary>
    public static BreakerSettings Breaker { get; } = new(MaxConsecutiveFailures: 10, MaxFailureRatio: 0.5, MinimumSample: 50);

    /// <summary>How long an answer is waited for: the platform answers 504 at 150 s.</summary>
    public static TimeSpan CallTimeout { get; } = TimeSpan.FromSeconds(160);
}
