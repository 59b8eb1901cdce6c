using System.Text.Json;
using System.Text.Json.Serialization;

namespace Backfill.Engine.Tests.Sandbox;

/// <summary>How a call goes wrong.</summary>
public enum SandboxFaultKind
{
    /// <summary>Answered as always, after <see cref="SandboxFault.Delay"/>.</summary>
    Latency,

    /// <summary>Answered with <see cref="SandboxFault.StatusCode"/> (503); nothing is run.</summary>
    Status,

    /// <summary>RST; nothing is run.</summary>
    Reset,

    /// <summary>No answer until the caller goes; nothing is run.</summary>
    Hang,

    /// <summary>The rows are written; then <see cref="SandboxFault.StatusCode"/>, or a reset where it is null or 0.</summary>
    CommitThenTimeout,

    /// <summary>504 at once; the rows are written after <see cref="SandboxFault.Delay"/>.</summary>
    LateCommit,

    /// <summary>
    /// The function dies after <see cref="SandboxFault.AfterTables"/>; <see cref="SandboxFault.StatusCode"/> (502), or a reset
    /// where it is 0. The rest is written <see cref="SandboxFault.Delay"/> after the answer, or never where that is null.
    /// </summary>
    PartialCommit,

    /// <summary>202 at once; the rows are written after <see cref="SandboxFault.Delay"/>.</summary>
    Accepted,

    /// <summary>200 and the body of a success; nothing is written.</summary>
    NoWrite,

    /// <summary>200 and the body of a success; the rows are of version v1.1 or v1.1.0.</summary>
    WrongVersion,

    /// <summary>The whole API refuses connections, for <see cref="SandboxFault.Delay"/> or until it is cleared.</summary>
    Unreachable,

    /// <summary>PostgreSQL restarts first; then answered as always.</summary>
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

/// <summary>A fault as it is set. What is left out does not narrow it.</summary>
public sealed record SandboxFault(SandboxFaultKind Kind)
{
    internal static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter<SandboxFaultKind>() },
    };

    public string? Function { get; init; }

    public IReadOnlyList<Guid>? SessionIds { get; init; }

    /// <summary>
    /// The share of the matching calls that it hits. Drawn from the sandbox's seed, the fault's place since the last
    /// clearing, the session, and how many calls of that session came before: a run repeats, however its calls mix.
    /// </summary>
    public double? Rate { get; init; }

    /// <summary>How many calls it hits at most.</summary>
    public int? Count { get; init; }

    /// <summary>How many calls of one session it hits at most: with 1, a retry goes well.</summary>
    public int? PerSession { get; init; }

    public int? StatusCode { get; init; }

    /// <summary>The <c>sb-error-code</c>; left out: the platform's own for the status.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>Left out: one second for Latency, LateCommit and Accepted, never for the rest of PartialCommit and the end of Unreachable and of the database's signals, otherwise none.</summary>
    [JsonIgnore]
    public TimeSpan? Delay { get; init; }

    public double? DelayMs => Delay?.TotalMilliseconds;

    /// <summary>For PartialCommit; left out: 1.</summary>
    public int? AfterTables { get; init; }

    /// <summary>For LongTransaction and TableLock; left out: public.fc_scores.</summary>
    public string? Table { get; init; }

    /// <summary>Seconds.</summary>
    [JsonPropertyName("retry_after_s")]
    public int? RetryAfter { get; init; }
}

/// <summary>A fault that is set.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Kind">What it does.</param>
/// <param name="Fired">How many calls it has hit.</param>
public sealed record SandboxFaultState(long Id, SandboxFaultKind Kind, int Fired);
