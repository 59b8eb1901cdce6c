namespace Backfill;

/// <summary>What a soak says of the target.</summary>
public enum SoakVerdict
{
    /// <summary>Every check that was due passed, on enough data.</summary>
    Pass,

    /// <summary>A check failed.</summary>
    Fail,

    /// <summary>Too little was measured to say either.</summary>
    Inconclusive,
}

/// <summary>Why a sample was taken only when the next one was due, or later.</summary>
public enum SoakLateness
{
    /// <summary>No process was watching when it was due.</summary>
    NobodyMeasuring,

    /// <summary>A process was watching, and this machine or the target was too slow for it, or asleep.</summary>
    TooSlow,
}

/// <summary>How one check of a soak ended.</summary>
public enum SoakCheckStatus
{
    /// <summary>As expected.</summary>
    Pass,

    /// <summary>Not as expected.</summary>
    Fail,

    /// <summary>Too little data, or it could not be measured this time.</summary>
    Inconclusive,

    /// <summary>The target has nothing to measure it by; says nothing about the verdict.</summary>
    NotMeasured,
}
