namespace Backfill;

/// <summary>Where an undo is computed from.</summary>
public enum BackfillRollbackStrategy
{
    /// <summary>From the images in the ledger: exact.</summary>
    Image,

    /// <summary>From versions and times, for work that left no images: removes rows, and brings nothing back.</summary>
    Timestamp,
}

/// <summary>What happens where a row is not as the run left it.</summary>
public enum BackfillConflictRule
{
    /// <summary>Nothing is changed, and every conflict is listed.</summary>
    Stop,

    /// <summary>Such rows stay as they are; the rest is undone.</summary>
    Skip,
}

/// <summary>Why a row is not undone.</summary>
public enum BackfillConflictKind
{
    /// <summary>Somebody has changed it since.</summary>
    Changed,

    /// <summary>Somebody has deleted it since.</summary>
    Deleted,

    /// <summary>It came after its session had settled, or a call that failed wrote it: nobody can tell whose it is.</summary>
    Added,

    /// <summary>Its session never settled, so it can't be told whose change it is.</summary>
    Unsettled,

    /// <summary>Rows that are not the run's refer to it.</summary>
    Referenced,

    /// <summary>The row that it refers to is gone.</summary>
    ParentGone,
}
