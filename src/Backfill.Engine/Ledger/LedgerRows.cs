using System.Text.Json;
using System.Text.Json.Serialization;

#pragma warning disable CA1812 // Made by Dapper.

namespace Backfill.Engine.Ledger;

/// <summary>One row of <c>list_runs.sql</c>.</summary>
internal sealed record RunRow
{
    public Guid RunId { get; init; }

    public required string PlanVersion { get; init; }

    public required string PlanHash { get; init; }

    public string? Gate { get; init; }

    public string? GateAction { get; init; }

    public string? GateBy { get; init; }

    public required string Environment { get; init; }

    public required string State { get; init; }

    public string? Cause { get; init; }

    public required string Intent { get; init; }

    public string? IntentBy { get; init; }

    public DateTime? IntentAt { get; init; }

    public DateTime? IntentUntil { get; init; }

    public string? IntentReason { get; init; }

    public string? Reason { get; init; }

    public string? Name { get; init; }

    public string? Ticket { get; init; }

    public int Total { get; init; }

    public int Succeeded { get; init; }

    public int NoEffect { get; init; }

    public int Failed { get; init; }

    public int Skipped { get; init; }

    public int NeverCalled { get; init; }

    public int Unknown { get; init; }

    public int Remaining { get; init; }

    public int ThrottlePerMinute { get; init; }

    public int HighestThrottlePerMinute { get; init; }

    public double? AchievedPerMinute { get; init; }

    public int? PeakPerMinute { get; init; }

    public int ActiveWorkers { get; init; }

    public DateTime? LastActivityAt { get; init; }

    public string? WaitingFor { get; init; }

    public TimeSpan? WaitedFor { get; init; }

    public DateTime? StartedAt { get; init; }

    public DateTime? FinishedAt { get; init; }

    public DateTime Now { get; init; }

    public int ConcurrencyLimit { get; init; }

    public int InHand { get; init; }

    public int RecentlySettled { get; init; }

    public double? RecentSeconds { get; init; }

    public required string Operator { get; init; }

    private bool IsWorking => ActiveWorkers > 0 && Remaining > 0 && State == "Running" && Intent == "Run";

    public BackfillRun ToRun() => new()
    {
        RunId = RunId,
        PlanVersion = PlanVersion,
        PlanHash = PlanHash,
        Gate = Gate is null ? null : Enum.Parse<BackfillGateName>(Gate),
        GateAction = GateAction,
        GateBy = GateBy,
        Environment = Enum.Parse<BackfillEnvironment>(Environment, ignoreCase: true),
        State = Enum.Parse<BackfillRunState>(State),
        Cause = Cause is null ? null : Enum.Parse<BackfillRunCause>(Cause),
        Intent = Enum.Parse<BackfillRunIntent>(Intent),
        IntentBy = IntentBy,
        IntentAt = Utc.Of(IntentAt),
        IntentUntil = Utc.Of(IntentUntil),
        IntentReason = IntentReason,
        Reason = Reason,
        Name = Name,
        Ticket = Ticket,
        Total = Total,
        Succeeded = Succeeded,
        NoEffect = NoEffect,
        Failed = Failed,
        Skipped = Skipped,
        NeverCalled = NeverCalled,
        Unknown = Unknown,
        Remaining = Remaining,
        ThrottlePerMinute = ThrottlePerMinute,
        HighestThrottlePerMinute = HighestThrottlePerMinute,
        AchievedPerMinute = AchievedPerMinute is { } rate ? Math.Round(rate, 1) : null,
        PeakPerMinute = PeakPerMinute,
        ActiveWorkers = ActiveWorkers,
        LastActivityAt = Utc.Of(LastActivityAt),
        WaitingFor = WaitingFor,
        WaitedFor = WaitedFor,
        StartedAt = Utc.Of(StartedAt),
        FinishedAt = Utc.Of(FinishedAt),
        Bottleneck = IsWorking ? RunOutlook.Bottleneck(WaitingFor, InHand, ConcurrencyLimit * ActiveWorkers) : null,
        // Only a run that is worked on, and not suspended, ends by itself.
        EstimatedCompletion = IsWorking && RunOutlook.MinutesLeft(Remaining, ThrottlePerMinute, RecentlySettled, RecentSeconds ?? 0) is { } minutes
            ? Utc.Of(Now)!.Value.AddMinutes(minutes)
            : null,
        Operator = Operator,
    };
}

/// <summary>One row of <c>read_sessions.sql</c>.</summary>
internal sealed record SessionRow
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter() },
    };

    public Guid RunId { get; init; }

    public required string BatchId { get; init; }

    public int Ordinal { get; init; }

    public Guid SessionId { get; init; }

    public required string Outcome { get; init; }

    public string? Category { get; init; }

    public string? Reason { get; init; }

    public int RowsInserted { get; init; }

    public int RowsUpdated { get; init; }

    public int RowsDeleted { get; init; }

    public DateTime? StartedAt { get; init; }

    public DateTime? SettledAt { get; init; }

    public DateTime? RolledBackAt { get; init; }

    public int? Attempts { get; init; }

    public string? Operations { get; init; }

    public BackfillSessionResult ToResult() => new()
    {
        RunId = RunId,
        BatchId = BatchId,
        Ordinal = Ordinal,
        SessionId = SessionId,
        Outcome = Enum.Parse<BackfillOutcome>(Outcome),
        Category = Category is null ? null : Enum.Parse<BackfillCategory>(Category),
        Reason = Reason,
        RowsInserted = RowsInserted,
        RowsUpdated = RowsUpdated,
        RowsDeleted = RowsDeleted,
        StartedAt = Utc.Of(StartedAt),
        Duration = SettledAt - StartedAt,
        RolledBackAt = Utc.Of(RolledBackAt),
        Attempts = Attempts ?? 0,
        Operations = new(Operations is null ? [] : JsonSerializer.Deserialize<List<BackfillOperationResult>>(Operations, Json)!),
    };
}

/// <summary>One row of <c>read_operation_log.sql</c>.</summary>
internal sealed record OperationRow
{
    public required string BatchId { get; init; }

    public Guid SessionId { get; init; }

    public required string Function { get; init; }

    public required string Params { get; init; }

    public DateTime? SentAt { get; init; }

    public long? DurationMs { get; init; }

    public int Attempt { get; init; }

    public int? StatusCode { get; init; }

    public string? Outcome { get; init; }

    public string? Category { get; init; }

    public string? Message { get; init; }

    public OperationLogEntry ToEntry() => new(
        BatchId,
        SessionId,
        Function,
        Params,
        Utc.Of(SentAt),
        DurationMs,
        Attempt,
        StatusCode,
        Outcome is null ? null : Enum.Parse<BackfillOutcome>(Outcome),
        Category is null ? null : Enum.Parse<BackfillCategory>(Category),
        Message);
}

/// <summary>One row of <c>read_batches.sql</c>.</summary>
internal sealed record BatchRow
{
    public required string BatchId { get; init; }

    public DateTime? StartedAt { get; init; }

    public DateTime? CompletedAt { get; init; }

    public int Total { get; init; }

    public int Succeeded { get; init; }

    public int NoEffect { get; init; }

    public int Failed { get; init; }

    public int Skipped { get; init; }

    public int Unknown { get; init; }

    public int NeverCalled { get; init; }

    public BatchFigures ToFigures() => new(
        BatchId, Utc.Of(StartedAt), Utc.Of(CompletedAt), Total, Succeeded, NoEffect, Failed, Skipped, Unknown, NeverCalled);
}

/// <summary>One row of <c>read_changes.sql</c>.</summary>
internal sealed record ChangeRow
{
    public required string TableName { get; init; }

    public required string Recorded { get; init; }

    public int NewRows { get; init; }

    public int UpdatedRows { get; init; }

    public int DeletedRows { get; init; }

    public ActualTableChange ToChange() => new(
        TableName, JsonSerializer.Deserialize<Dictionary<string, string?>>(Recorded)!, NewRows, UpdatedRows, DeletedRows);
}

/// <summary>PostgreSQL gives timestamptz as UTC.</summary>
internal static class Utc
{
    public static DateTimeOffset? Of(DateTime? time) =>
        time is { } known ? new(DateTime.SpecifyKind(known, DateTimeKind.Utc)) : null;
}
