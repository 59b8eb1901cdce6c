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
