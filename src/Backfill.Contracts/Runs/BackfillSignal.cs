namespace Backfill;

/// <summary>A sign of the target's health. A run holds while one is over its limit.</summary>
public enum BackfillSignal
{
    /// <summary>Bytes of WAL that the slowest replica or replication slot hasn't taken yet.</summary>
    ReplicationLag,

    /// <summary>WAL files that wait to be archived.</summary>
    ArchiveWaiting,

    /// <summary>Autovacuum workers that vacuum a table of the run.</summary>
    Autovacuum,

    /// <summary>Sessions that wait for a lock and use a table of the run.</summary>
    LockWaits,

    /// <summary>Age in seconds of the oldest transaction that uses a table of the run.</summary>
    OldestTransaction,

    /// <summary>Part of the server's connections in use, from 0 to 1.</summary>
    Connections,

    /// <summary>How many times longer a session's calls take than those of the run's first 50 sessions.</summary>
    FunctionLatency,

    /// <summary>How much greater the part of sessions that fail is than among the run's first 50, from 0 to 1.</summary>
    FunctionErrors,

    /// <summary>The plan's own statement, <c>guard.query</c>: the run works while it returns true.</summary>
    Query,
}
