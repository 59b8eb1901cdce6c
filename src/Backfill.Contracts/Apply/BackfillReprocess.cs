namespace Backfill;

/// <summary>Which sessions that an earlier run of the same plan has settled are done again.</summary>
public enum BackfillReprocess
{
    /// <summary>None: what is settled stays.</summary>
    None,

    /// <summary>Those that did not succeed: Failed, NoEffect and Unknown.</summary>
    Failed,

    /// <summary>All of them.</summary>
    All,
}
