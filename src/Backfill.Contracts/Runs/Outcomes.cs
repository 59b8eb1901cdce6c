namespace Backfill;

/// <summary>How a session, or an operation, ended.</summary>
public enum BackfillOutcome
{
    /// <summary>The expected row is there, with the right version, and was written since the claim.</summary>
    Succeeded,

    /// <summary>The function answered well and wrote nothing.</summary>
    NoEffect,

    /// <summary>It did not work; the category says how.</summary>
    Failed,

    /// <summary>Not called; the reason says why.</summary>
    Skipped,

    /// <summary>The call may have been committed, or may be committed yet.</summary>
    Unknown,
}

/// <summary>What kind of failure an outcome is.</summary>
public enum BackfillCategory
{
    /// <summary>Something is set up wrongly.</summary>
    Configuration,

    /// <summary>A key or password was refused.</summary>
    Authentication,

    /// <summary>The function or the session is not there.</summary>
    NotFound,

    /// <summary>The function refused its input.</summary>
    Validation,

    /// <summary>Too many requests.</summary>
    RateLimited,

    /// <summary>No answer in time.</summary>
    Timeout,

    /// <summary>The function failed.</summary>
    FunctionError,

    /// <summary>A worker ran out of a resource.</summary>
    ResourceLimit,

    /// <summary>The connection failed.</summary>
    Network,

    /// <summary>The database refused or failed.</summary>
    Database,

    /// <summary>A row was written, of another version than asked for.</summary>
    VersionMismatch,

    /// <summary>Nothing was written.</summary>
    NoEffect,

    /// <summary>Somebody else changed a row of the session meanwhile.</summary>
    ForeignChange,

    /// <summary>The operator stopped it.</summary>
    Cancelled,
}

/// <summary>Where a run stands.</summary>
public enum BackfillRunState
{
    /// <summary>Frozen, not started.</summary>
    Pending,

    /// <summary>Being worked on, or ready to be.</summary>
    Running,

    /// <summary>Stopped for now; resumes where it was.</summary>
    Paused,

    /// <summary>Stopped by the breaker, or by what no session can get past; can be resumed once the cause is gone.</summary>
    Halted,

    /// <summary>Every session is settled.</summary>
    Completed,

    /// <summary>Ended by an operator, for good.</summary>
    Aborted,

    /// <summary>Undone.</summary>
    RolledBack,
}
