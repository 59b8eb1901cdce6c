namespace Backfill;

/// <summary>How a check ended.</summary>
public enum BackfillCheckStatus
{
    /// <summary>As it should be.</summary>
    Passed,

    /// <summary>Works, with a limit that the detail names.</summary>
    Warning,

    /// <summary>A run would fail.</summary>
    Failed,
}

/// <summary>One thing that <c>Test-BackfillConnection</c> looked at.</summary>
/// <param name="Name">What was looked at, for example <c>ServiceRoleKey</c>.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Detail">What was found.</param>
/// <param name="Remedy">What to do, or null where nothing needs doing.</param>
public sealed record BackfillCheck(string Name, BackfillCheckStatus Status, string Detail, string? Remedy)
{
    /// <summary>A check that passed.</summary>
    /// <param name="name">What was looked at.</param>
    /// <param name="detail">What was found.</param>
    /// <returns>The check.</returns>
    public static BackfillCheck Pass(string name, string detail) => new(name, BackfillCheckStatus.Passed, detail, null);

    /// <summary>A check that found a limit.</summary>
    /// <param name="name">What was looked at.</param>
    /// <param name="detail">What was found.</param>
    /// <param name="remedy">What to do.</param>
    /// <returns>The check.</returns>
    public static BackfillCheck Warn(string name, string detail, string? remedy) => new(name, BackfillCheckStatus.Warning, detail, remedy);

    /// <summary>A check that failed.</summary>
    /// <param name="name">What was looked at.</param>
    /// <param name="detail">What was found.</param>
    /// <param name="remedy">What to do.</param>
    /// <returns>The check.</returns>
    public static BackfillCheck Fail(string name, string detail, string remedy) => new(name, BackfillCheckStatus.Failed, detail, remedy);
}
