namespace Backfill;

/// <summary>An order, a change of a run's state, or a decision on a gate, as the ledger recorded it.</summary>
public sealed record BackfillEvent
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>When, by the database's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>
    /// What happened, as a code: the orders <c>Suspend</c>, <c>Resume</c>, <c>Stop</c> and <c>Set</c>; <c>Started</c>,
    /// <c>Suspended</c>, <c>SuspensionOver</c>, <c>Paused</c>, <c>Halted</c>, <c>Completed</c>, <c>Aborted</c>,
    /// <c>BreakerOpened</c>, <c>HoldExpired</c>, <c>TargetBusy</c>, <c>TargetWell</c> and <c>Rollback</c>; <c>GateApproved</c>,
    /// <c>GateDenied</c> and <c>GateUsed</c>.
    /// </summary>
    public required string Event { get; init; }

    /// <summary>Who: user and host, or what in a worker decided it.</summary>
    public required string By { get; init; }

    /// <summary>The database role.</summary>
    public required string DatabaseRole { get; init; }

    /// <summary>Where the run stood after it; null for a decision on a gate.</summary>
    public BackfillRunState? State { get; init; }

    /// <summary>Why the run was not running after it; null where that needs no cause.</summary>
    public BackfillRunCause? Cause { get; init; }

    /// <summary>What was ordered after it; null for a decision on a gate.</summary>
    public BackfillRunIntent? Intent { get; init; }

    /// <summary>The gate; null where it is none's.</summary>
    public BackfillGateName? Gate { get; init; }

    /// <summary>When the suspension, or the approval, ends by itself.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>The pace after it, session attempts a minute.</summary>
    public int? ThrottlePerMinute { get; init; }

    /// <summary>The concurrency after it.</summary>
    public int? ConcurrencyLimit { get; init; }

    /// <summary>The reason given, or what happened in words.</summary>
    public string? Reason { get; init; }

    /// <summary>The connection it was read through.</summary>
    public BackfillConnection? Connection { get; init; }

    /// <summary>Time, event and who.</summary>
    /// <returns>For example <c>2025-09-17 08:00:12Z Suspend by ada@ops1</c>.</returns>
    public override string ToString() => FormattableString.Invariant($"{At.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z {Event} by {By}");
}
