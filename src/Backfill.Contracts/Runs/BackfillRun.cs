namespace Backfill;

/// <summary>One run of a plan, as the ledger has it at this moment.</summary>
public sealed record BackfillRun
{
    /// <summary>The run; ids sort by time.</summary>
    public required Guid RunId { get; init; }

    /// <summary>The plan's own version, for example <c>v1.0</c>.</summary>
    public required string PlanVersion { get; init; }

    /// <summary>SHA-256 of the plan file, hex.</summary>
    public required string PlanHash { get; init; }

    /// <summary>The target's environment.</summary>
    public required BackfillEnvironment Environment { get; init; }

    /// <summary>Where it stands.</summary>
    public required BackfillRunState State { get; init; }

    /// <summary>Why it isn't running, as a code; null where that needs no cause.</summary>
    public BackfillRunCause? Cause { get; init; }

    /// <summary>The same in words, for people.</summary>
    public string? Reason { get; init; }

    /// <summary>What an operator ordered. It stands until another order, or until <see cref="IntentUntil"/>.</summary>
    public required BackfillRunIntent Intent { get; init; }

    /// <summary>Who ordered it: user and host; null where nobody ordered anything.</summary>
    public string? IntentBy { get; init; }

    /// <summary>When it was ordered.</summary>
    public DateTimeOffset? IntentAt { get; init; }

    /// <summary>When a suspension ends by itself; null where only <c>Resume-BackfillRun</c> ends it.</summary>
    public DateTimeOffset? IntentUntil { get; init; }

    /// <summary>The reason given with the order.</summary>
    public string? IntentReason { get; init; }

    /// <summary>What its operators call it; null where it has no name.</summary>
    public string? Name { get; init; }

    /// <summary>The ticket or change that it belongs to; null where none was given.</summary>
    public string? Ticket { get; init; }

    /// <summary>Sessions in the run.</summary>
    public int Total { get; init; }

    /// <summary>Sessions whose every called operation is verified.</summary>
    public int Succeeded { get; init; }

    /// <summary>Sessions answered well with nothing written.</summary>
    public int NoEffect { get; init; }

    /// <summary>Sessions that failed.</summary>
    public int Failed { get; init; }

    /// <summary>Sessions that needed no call, because what they need was there.</summary>
    public int Skipped { get; init; }

    /// <summary>Sessions that the run ended without calling. They are not done.</summary>
    public int NeverCalled { get; init; }

    /// <summary>Sessions whose calls may have been committed.</summary>
    public int Unknown { get; init; }

    /// <summary>Sessions not settled yet.</summary>
    public int Remaining { get; init; }

    /// <summary>The limit, session attempts a minute.</summary>
    public int ThrottlePerMinute { get; init; }

    /// <summary>The highest limit that was in force since the run was started; the limit itself before that.</summary>
    public int HighestThrottlePerMinute { get; init; }

    /// <summary>Session attempts a minute over the time between the first and the last start; null before the second.</summary>
    public double? AchievedPerMinute { get; init; }

    /// <summary>The most session attempts in any half-open 60 s window.</summary>
    public int? PeakPerMinute { get; init; }

    /// <summary>Workers seen within the last lease.</summary>
    public int ActiveWorkers { get; init; }

    /// <summary>The last thing a worker did for it.</summary>
    public DateTimeOffset? LastActivityAt { get; init; }

    /// <summary>
    /// What it waits for now: <c>Pace</c>, <c>RetryAfter</c>, <c>TargetUnreachable</c>, <c>SlowDatabase</c>, <c>QuietPeriod</c>,
    /// <c>TargetBusy</c>, <c>Hours</c>, <c>Suspended</c>; null when working or done.
    /// </summary>
    public string? WaitingFor { get; init; }

    /// <summary>When sessions may be begun; null for any time.</summary>
    public string? Hours { get; init; }

    /// <summary>When its hours begin again; null where it doesn't wait for them.</summary>
    public DateTimeOffset? WaitingUntil { get; init; }

    /// <summary>Session attempts a minute that the plan's ramp allows now; null at the full pace.</summary>
    public int? RampPerMinute { get; init; }

    /// <summary>Its guard as JSON, where the plan or <c>Set-BackfillRun -Guard</c> changed it; null for the usual limits.</summary>
    public string? Guard { get; init; }

    /// <summary>The sign of the target's health that holds it; null where none does.</summary>
    public BackfillSignal? BusySignal { get; init; }

    /// <summary>The same in words, with figures.</summary>
    public string? BusyReason { get; init; }

    /// <summary>After what it waits for a review, now or next, for example <c>batch priority</c>; null where it doesn't.</summary>
    public string? ReviewAfter { get; init; }

    /// <summary>How long it has waited in all, summed over workers.</summary>
    public TimeSpan? WaitedFor { get; init; }

    /// <summary>What keeps it from ending sooner; null where nobody works on it.</summary>
    public BackfillBottleneck? Bottleneck { get; init; }

    /// <summary>When it was started first.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When its last session was settled and it ended.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>
    /// When it should end: by its pace, or by what it settled in the last five minutes if that is slower. Null where nobody works on
    /// it, or nothing moved.
    /// </summary>
    public DateTimeOffset? EstimatedCompletion { get; init; }

    /// <summary>The gate that was decided or used last; null where none was.</summary>
    public BackfillGateName? Gate { get; init; }

    /// <summary>What became of that gate: <c>Approved</c>, <c>Denied</c> or <c>Used</c>.</summary>
    public string? GateAction { get; init; }

    /// <summary>Who did that: user and host.</summary>
    public string? GateBy { get; init; }

    /// <summary>Who started it: database role, user and host.</summary>
    public required string Operator { get; init; }

    /// <summary>The connection it was read through, so that it can be piped on.</summary>
    public BackfillConnection? Connection { get; init; }

    /// <summary>Run and state.</summary>
    /// <returns>For example <c>0190… Completed</c>.</returns>
    public override string ToString() => $"{RunId} {State}";
}
