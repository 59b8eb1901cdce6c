namespace Backfill;

/// <summary>How a call to a sandbox's functions goes wrong.</summary>
public enum BackfillSandboxFaultKind
{
    /// <summary>Answered as always, but late.</summary>
    Latency,

    /// <summary>An error in the function's place; nothing is run.</summary>
    Status,

    /// <summary>The connection is reset; nothing is run.</summary>
    Reset,

    /// <summary>No answer until the caller goes; nothing is run.</summary>
    Hang,

    /// <summary>The rows are written, and the caller sees a 504 or a reset.</summary>
    CommitThenTimeout,

    /// <summary>The caller sees a 504, and the rows are written afterwards.</summary>
    LateCommit,

    /// <summary>The function dies after some of its tables; the others are written late or never.</summary>
    PartialCommit,

    /// <summary>The caller sees a 202, and the rows are written afterwards.</summary>
    Accepted,

    /// <summary>A success by all looks, and nothing is written.</summary>
    NoWrite,

    /// <summary>A success by all looks, and the rows are of an old version.</summary>
    WrongVersion,

    /// <summary>The whole API refuses connections, so no call is sent.</summary>
    Unreachable,

    /// <summary>PostgreSQL restarts; the call goes on when it is back.</summary>
    DatabaseRestart,
}
