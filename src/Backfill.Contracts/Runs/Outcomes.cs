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

    /// <summary>Not called: <c>if_missing</c> spared it, because the row was there.</summary>
    AlreadyCurrent,

    /// <summary>Not called: an earlier run of the plan has done it.</summary>
    AlreadyApplied,

    /// <summary>Not called: an earlier run of the plan tried it without success.</summary>
    AlreadyTried,
}

/// <summary>Where a run stands.</summary>
public enum BackfillRunState
{
    /// <summary>Frozen, not started.</summary>
    Pending,

    /// <summary>A worker is there.</summary>
    Running,

    /// <summary>Suspended by an operator; nothing is called until <c>Resume-BackfillRun</c>.</summary>
    Suspended,

    /// <summary>No worker is there: it was stopped, or it died. <c>Invoke-BackfillApply -RunId</c> resumes it.</summary>
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

/// <summary>What an operator ordered. Workers, breakers and Ctrl+C never change it.</summary>
public enum BackfillRunIntent
{
    /// <summary>It may run.</summary>
    Run,

    /// <summary>It must not call anything until it is resumed.</summary>
    Suspend,

    /// <summary>It must end, for good.</summary>
    Stop,
}

/// <summary>What keeps a run from ending sooner.</summary>
public enum BackfillBottleneck
{
    /// <summary>The pace that was set.</summary>
    Pace,

    /// <summary>Every hand is full: a higher <c>-ConcurrencyLimit</c> would help.</summary>
    Concurrency,

    /// <summary>The functions: calls in flight, or late commits that are waited for.</summary>
    Functions,

    /// <summary>The database answers too slowly for the pace.</summary>
    Database,

    /// <summary>The target asked for a pause, or can't be reached.</summary>
    TargetAsked,

    /// <summary>One of the target's signals is over its limit.</summary>
    TargetBusy,
}

/// <summary>Why a run isn't running.</summary>
public enum BackfillRunCause
{
    /// <summary>An operator ordered it; the intent's properties say who, when and why.</summary>
    Ordered,

    /// <summary>Its worker was stopped: Ctrl+C, or the end of its process.</summary>
    WorkerStopped,

    /// <summary>Its worker met an error that is not the target's.</summary>
    WorkerFailed,

    /// <summary>No worker is there: it died, or none was started.</summary>
    NoWorker,

    /// <summary>Too many attempts in a row did not go well.</summary>
    ConsecutiveFailures,

    /// <summary>Too great a part of the sessions failed.</summary>
    FailureRatio,

    /// <summary>The target refused the key.</summary>
    KeyRefused,

    /// <summary>A function is not deployed.</summary>
    FunctionNotDeployed,

    /// <summary>The project is restricted: a quota or its spend cap is exceeded.</summary>
    ProjectRestricted,

    /// <summary>The project is paused.</summary>
    ProjectPaused,

    /// <summary>No connection to the target's API could be made for too long.</summary>
    TargetUnreachable,

    /// <summary>The database could not be used.</summary>
    DatabaseUnavailable,

    /// <summary>One of the target's signals was over its halting limit twice in a row.</summary>
    TargetBusy,

    /// <summary>It has come to a review, and the gate <c>BatchReview</c> is not approved.</summary>
    BatchReview,
}
