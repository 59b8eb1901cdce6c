namespace Backfill;

/// <summary>
/// How a call to a sandbox's functions goes wrong; from <see cref="LongTransaction"/> on, what its database suffers from.
/// </summary>
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

    /// <summary>A transaction stays open that has read and written: nobody waits for it, and dead rows stay.</summary>
    LongTransaction,

    /// <summary>A table is locked against writers: calls that write it wait.</summary>
    TableLock,

    /// <summary>A standby receives WAL and applies none, and its slot keeps 32 MB and all that comes.</summary>
    ReplicationLag,

    /// <summary>The archive takes nothing: eight WAL files and all that come wait for it.</summary>
    ArchiveStuck,

    /// <summary>An autovacuum works on <c>fc_scores</c>, for minutes.</summary>
    Autovacuum,

    /// <summary>Idle sessions take nine tenths of <c>max_connections</c>.</summary>
    ConnectionsUsed,
}
