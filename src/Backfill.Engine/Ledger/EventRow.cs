#pragma warning disable CA1812 // Made by Dapper.

namespace Backfill.Engine.Ledger;

/// <summary>One row of <c>read_events.sql</c>.</summary>
internal sealed record EventRow
{
    public Guid RunId { get; init; }

    public DateTime At { get; init; }

    public required string Event { get; init; }

    public string? State { get; init; }

    public string? Intent { get; init; }

    public string? Cause { get; init; }

    public string? Gate { get; init; }

    public DateTime? Until { get; init; }

    public int? ThrottlePerMinute { get; init; }

    public int? ConcurrencyLimit { get; init; }

    public required string By { get; init; }

    public required string DatabaseRole { get; init; }

    public string? Reason { get; init; }

    public BackfillEvent ToEvent() => new()
    {
        RunId = RunId,
        At = Utc.Of(At)!.Value,
        Event = Event,
        State = State is null ? null : Enum.Parse<BackfillRunState>(State),
        Intent = Intent is null ? null : Enum.Parse<BackfillRunIntent>(Intent),
        Cause = Cause is null ? null : Enum.Parse<BackfillRunCause>(Cause),
        Gate = Gate is null ? null : Enum.Parse<BackfillGateName>(Gate),
        Until = Utc.Of(Until),
        ThrottlePerMinute = ThrottlePerMinute,
        ConcurrencyLimit = ConcurrencyLimit,
        By = By,
        DatabaseRole = DatabaseRole,
        Reason = Reason,
    };
}
