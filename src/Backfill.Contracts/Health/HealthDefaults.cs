namespace Backfill;

/// <summary>What holds where an operator says nothing else.</summary>
public static class HealthDefaults
{
    /// <summary>The engine / results version in force.</summary>
    public const string EngineVersion = "v1.2.1";

    /// <summary>The forced-choice version in force.</summary>
    public const string FcVersion = "v1.2";

    /// <summary>The <c>fc_kind</c> that is wanted; anything else is legacy.</summary>
    public const string FcKind = "functions";

    /// <summary>Session attempts a minute of a plan that is made here, and the most it may have outside the sandbox.</summary>
    public const int ThrottlePerMinute = 20;

    /// <summary>Sessions a batch, as the reader has it where a plan says nothing.</summary>
    public const int BatchSize = 5;

    /// <summary>
    /// The most sessions that a health check plans at once, the oldest first: at 20 a minute they take 41 hours, and the
    /// plan stays within what can be read as one.
    /// </summary>
    public const int MostPlanned = 50_000;

    /// <summary>How long one statement of a measurement may take: two million sessions take seconds on an idle server.</summary>
    public static readonly TimeSpan StatementTimeout = TimeSpan.FromMinutes(10);
}
