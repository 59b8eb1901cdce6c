using Backfill.Engine.Plans;

namespace Backfill.Engine.Ledger;

/// <summary>A session and its place in a run.</summary>
/// <param name="Ordinal">From 1.</param>
/// <param name="BatchId">The plan's batch.</param>
/// <param name="SessionId">The session.</param>
public readonly record struct PlannedSession(int Ordinal, string BatchId, Guid SessionId);

/// <summary>The sessions that a plan means on this target.</summary>
/// <param name="Sessions">In order.</param>
/// <param name="WasFrozen">Whether an earlier run of the same plan fixed the list.</param>
/// <param name="Warnings">For the operator, for example fewer sessions than asked for.</param>
public sealed record ResolvedPlan(
    IReadOnlyList<PlannedSession> Sessions, bool WasFrozen, IReadOnlyList<string> Warnings);

/// <summary>A run to be frozen.</summary>
/// <param name="RunId">Its id.</param>
/// <param name="Plan">The plan.</param>
/// <param name="Footprint">What its functions touch.</param>
/// <param name="Resolution">Every session the plan means.</param>
/// <param name="Selected">Those this run is for; all of them when null.</param>
/// <param name="Settings">Its settings.</param>
/// <param name="Reprocess">Which sessions that are settled under the plan are done again.</param>
/// <param name="Operator">Who starts it: user and host.</param>
/// <param name="Name">What its operators call it.</param>
/// <param name="Ticket">The ticket that it belongs to.</param>
public sealed record RunRequest(
    Guid RunId,
    BackfillPlan Plan,
    Footprint Footprint,
    ResolvedPlan Resolution,
    IReadOnlySet<Guid>? Selected,
    RunSettings Settings,
    BackfillReprocess Reprocess,
    string Operator,
    string? Name = null,
    string? Ticket = null)
{
    /// <summary>Where it waits for a review, in order.</summary>
    public IReadOnlyList<ReviewPoint> Reviews { get; init; } = [];
}

/// <summary>A place in a run where it waits for the gate <c>BatchReview</c>.</summary>
/// <param name="AfterOrdinal">The last session that is called before it.</param>
/// <param name="Name">After what, in words: <c>batch priority</c>, <c>2 sessions</c>.</param>
public sealed record ReviewPoint(int AfterOrdinal, string Name);

/// <summary>What governs a run; kept in the ledger with it.</summary>
/// <param name="ThrottlePerMinute">The most session attempts a minute.</param>
/// <param name="ConcurrencyLimit">The most sessions in hand at once in one worker.</param>
/// <param name="Lease">How long a claim holds without a heartbeat.</param>
/// <param name="QuietPeriod">How long after sending a call may still be committed.</param>
/// <param name="CallTimeout">How long an answer is waited for.</param>
/// <param name="Breaker">When failures halt the run.</param>
/// <param name="Hours">When sessions may be begun; null for any time.</param>
/// <param name="Guard">The plan's limits for the target's signals, as JSON; null for the defaults.</param>
/// <param name="Ramp">How its pace rises; null where it has it from the beginning.</param>
public sealed record RunSettings(
    int ThrottlePerMinute,
    int ConcurrencyLimit,
    TimeSpan Lease,
    TimeSpan QuietPeriod,
    TimeSpan CallTimeout,
    BreakerSettings Breaker,
    string? Hours = null,
    string? Guard = null,
    PlanRamp? Ramp = null);

/// <summary>When failures halt a run, counted since it was last started or resumed.</summary>
/// <param name="MaxConsecutiveFailures">
/// So many attempts halt it that did not go well, with no session done in between: also those that will be repeated, and answers
/// without their effect.
/// </param>
/// <param name="MaxFailureRatio">
/// So great a part of the settled sessions, failed or unknown, halts it; from 0 to 1, and 1 never does.
/// </param>
/// <param name="MinimumSample">The ratio counts from so many settled sessions on.</param>
public sealed record BreakerSettings(int MaxConsecutiveFailures, double MaxFailureRatio, int MinimumSample);

/// <summary>What a worker needs to work on a run.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Plan">The plan as frozen.</param>
/// <param name="Footprint">What its functions touch.</param>
/// <param name="Shape">The target's tables as they were when the run was frozen.</param>
/// <param name="Settings">Its settings.</param>
/// <param name="Total">Its sessions.</param>
public sealed record RunTicket(
    Guid RunId, BackfillPlan Plan, Footprint Footprint, TargetShape Shape, RunSettings Settings, int Total)
{
    /// <summary>Whether it had reviews that no approval has opened, when this was read.</summary>
    public bool HasReviews { get; init; }
}

/// <summary>One process that works on a run.</summary>
/// <param name="WorkerId">Its id.</param>
/// <param name="Operator">User and host.</param>
/// <param name="ProcessId">The process.</param>
public sealed record WorkerIdentity(Guid WorkerId, string Operator, int ProcessId);

/// <summary>A column as it was when the run was frozen.</summary>
/// <param name="Name">The column.</param>
/// <param name="Type">Its type as PostgreSQL formats it, schema-qualified.</param>
public sealed record ColumnShape(string Name, string Type);

/// <summary>A target table as it was when the run was frozen.</summary>
/// <param name="Name">Schema and table.</param>
/// <param name="SessionColumn">The column that holds the session.</param>
/// <param name="Key">The primary key's columns, in order.</param>
/// <param name="Columns">Every column, in order.</param>
/// <param name="Recorded">The columns whose values verification needs.</param>
/// <param name="Matched">Those of them whose values are compared in their own type; null in runs of older modules.</param>
public sealed record TableShape(
    string Name,
    string SessionColumn,
    IReadOnlyList<string> Key,
    IReadOnlyList<ColumnShape> Columns,
    IReadOnlyList<string> Recorded,
    IReadOnlyList<MatchedColumn>? Matched = null);

/// <summary>A column whose values a plan gives: equal is what its own type calls equal, <c>2</c> and <c>2.0</c>.</summary>
/// <param name="Name">The column.</param>
/// <param name="Type">Its type, without a length: a longer value is another, not the same one cut off.</param>
/// <param name="EqualSign">The type's operator, qualified.</param>
/// <param name="Values">The plan's values by their texts, and the first of them that is equal to each.</param>
public sealed record MatchedColumn(string Name, string Type, string EqualSign, IReadOnlyDictionary<string, string> Values);

/// <summary>The tables of a run's footprint that the target has.</summary>
/// <param name="Tables">In the footprint's order.</param>
public sealed record TargetShape(IReadOnlyList<TableShape> Tables);

/// <summary>Slots taken from the pace.</summary>
/// <param name="Count">How many; none when none was asked for, or the next slot is not near yet.</param>
/// <param name="Delay">Until the first one, from the moment the answer arrived.</param>
/// <param name="Spacing">From one to the next.</param>
/// <param name="DatabaseNow">The database's clock when it answered.</param>
/// <param name="Unsettled">Whether any session of the run is unsettled.</param>
/// <param name="NextIn">
/// Where slots were asked for: when to ask again. Otherwise until the next slot, the end of a hold, or the moment when a
/// session may be claimed; null where nothing tells.
/// </param>
/// <param name="Control">What the operator wants.</param>
/// <param name="IsPaced">Whether it is the pace that has to be waited for.</param>
public sealed record SlotGrant(
    int Count,
    TimeSpan Delay,
    TimeSpan Spacing,
    DateTimeOffset DatabaseNow,
    bool Unsettled,
    TimeSpan? NextIn,
    RunControl Control,
    bool IsPaced = false);

/// <summary>What the ledger says a run should do.</summary>
/// <param name="State">Where it stands.</param>
/// <param name="Intent">What an operator ordered.</param>
/// <param name="ThrottlePerMinute">The pace in force.</param>
/// <param name="ConcurrencyLimit">The concurrency in force.</param>
public sealed record RunControl(
    BackfillRunState State, BackfillRunIntent Intent, int ThrottlePerMinute, int ConcurrencyLimit)
{
    /// <summary>What the whole run waits for; null where it is not held.</summary>
    public RunHoldCause? Hold { get; init; }

    /// <summary>How many attempts in a row did not go well.</summary>
    public int FailedInARow { get; init; }

    /// <summary>Whether new sessions may be claimed.</summary>
    public bool MayClaim => State == BackfillRunState.Running && Intent == BackfillRunIntent.Run;

    /// <summary>Whether an operator has suspended the run: workers stay and wait.</summary>
    public bool IsSuspended =>
        Intent == BackfillRunIntent.Suspend && State is (BackfillRunState.Running or BackfillRunState.Suspended or BackfillRunState.Paused);
}

/// <summary>What a heartbeat brought.</summary>
/// <param name="Control">What the operator wants.</param>
/// <param name="Held">The fences of the claims whose leases were renewed, or need it not yet.</param>
public sealed record Beat(RunControl Control, IReadOnlyCollection<long> Held);

/// <summary>How far a run is, over all its workers.</summary>
/// <param name="Total">Its sessions.</param>
/// <param name="Succeeded">Verified.</param>
/// <param name="NoEffect">Answered well, with nothing written.</param>
/// <param name="Failed">Failed.</param>
/// <param name="Skipped">Not called.</param>
/// <param name="Unknown">Perhaps committed.</param>
/// <param name="Remaining">Not settled yet.</param>
public sealed record RunProgress(int Total, int Succeeded, int NoEffect, int Failed, int Skipped, int Unknown, int Remaining)
{
    /// <summary>Verified, or skipped because that had been done before.</summary>
    public int Done => Succeeded + Skipped;

    /// <summary>Failed, without effect, or unknown.</summary>
    public int Bad => NoEffect + Failed + Unknown;
}

/// <summary>What a worker waits for.</summary>
/// <param name="Cause">For example <c>Pace</c>; null when it works.</param>
/// <param name="Total">How long it has waited in all.</param>
public sealed record WorkerWaiting(string? Cause, TimeSpan Total)
{
    /// <summary>The same, by cause; together they are <see cref="Total"/>.</summary>
    public IReadOnlyDictionary<string, TimeSpan> ByCause { get; init; } = new Dictionary<string, TimeSpan>();

    /// <summary>Who suspended the run; null where nobody did.</summary>
    public string? SuspendedBy { get; init; }
}

/// <summary>What the breaker says of an attempt, or of a settled session.</summary>
/// <param name="Reason">Which limit is reached, and by how many failures; null where none is.</param>
/// <param name="HasHalted">Whether the run was halted just now; otherwise it goes on, or was halted or ended before.</param>
/// <param name="FailedInARow">How many attempts in a row have not gone well by now.</param>
public sealed record BreakerVerdict(RunHalt? Reason, bool HasHalted, int FailedInARow);

/// <summary>A target row before a run and now, as record text of the run's columns.</summary>
/// <param name="SessionId">The session.</param>
/// <param name="Table">The table.</param>
/// <param name="Key">Record text of its key.</param>
/// <param name="Before">Before the run; null where it was not there.</param>
/// <param name="Now">Now; null where it is not there.</param>
/// <param name="IsAsLeft">Whether it is as the run left it.</param>
public sealed record RowImage(Guid SessionId, string Table, string Key, string? Before, string? Now, bool IsAsLeft);

/// <summary>Why a run is halted.</summary>
/// <param name="Cause">As a code.</param>
/// <param name="Reason">In words.</param>
public sealed record RunHalt(BackfillRunCause Cause, string Reason);

/// <summary>Why a whole run waits, on every machine.</summary>
public enum RunHoldCause
{
    /// <summary>The target asked for a pause.</summary>
    RetryAfter,

    /// <summary>No connection to the target's API can be made.</summary>
    TargetUnreachable,

    /// <summary>The guard found one of the target's signals over its limit.</summary>
    TargetBusy,
}

/// <summary>A pause of the whole run.</summary>
/// <param name="Cause">Why.</param>
/// <param name="Pause">How long; then one call finds out whether it is over.</param>
/// <param name="IsProbe">Whether this is what such a call found out.</param>
/// <param name="Longest">After how long, with pause upon pause, the run is halted; null for never.</param>
/// <param name="HaltReason">What is said then.</param>
public sealed record RunHold(RunHoldCause Cause, TimeSpan Pause, bool IsProbe, TimeSpan? Longest = null, string? HaltReason = null);

/// <summary>What became of a pause.</summary>
/// <param name="HasBegun">Whether the run was not held before.</param>
/// <param name="HasHalted">Whether it has lasted too long, and the run is halted.</param>
public sealed record RunHoldVerdict(bool HasBegun, bool HasHalted);

/// <summary>Why a worker stops.</summary>
/// <param name="State">The state it leaves the run in; null to leave it as it is.</param>
/// <param name="Reason">Why.</param>
/// <param name="Waited">How long it has waited in all.</param>
/// <param name="Cause">The same as a code.</param>
public sealed record WorkerEnding(BackfillRunState? State, string? Reason, TimeSpan Waited, BackfillRunCause? Cause = null);
