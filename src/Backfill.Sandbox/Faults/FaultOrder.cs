using System.Text.Json;
using System.Text.Json.Serialization;

namespace Backfill.Sandbox.Faults;

/// <summary>A fault as it is asked for. What is left out does not narrow it.</summary>
internal sealed record FaultOrder
{
    /// <summary>The table that a signal holds where none is named.</summary>
    public const string UsualTable = "public.fc_scores";

    private const int LongestDelayMs = 24 * 60 * 60 * 1000;

    /// <summary>Those of <c>score_prism</c>. A function with fewer is done before it could die.</summary>
    private const int MostTables = 5;

    private static readonly JsonSerializerOptions Strict = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        // A fault with a misspelt limit would hit every call.
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter<FaultKind>(namingPolicy: null, allowIntegerValues: false) },
    };

    public required FaultKind Kind { get; init; }

    /// <summary>Null: any.</summary>
    public string? Function { get; init; }

    /// <summary>Null: any.</summary>
    public Guid[]? SessionIds { get; init; }

    /// <summary>The share of the matching calls that it hits, 0 to 1; null: all.</summary>
    public double? Rate { get; init; }

    /// <summary>How many calls it hits at most.</summary>
    public int? Count { get; init; }

    /// <summary>How many calls of one session it hits at most: with 1, a retry goes well.</summary>
    public int? PerSession { get; init; }

    /// <summary>
    /// What an error is answered with: <c>Status</c> 503, <c>LateCommit</c> 504, <c>PartialCommit</c> 502 where it is left
    /// out. For <c>CommitThenTimeout</c>, left out or 0 means a reset; for <c>PartialCommit</c>, 0 does. <c>Accepted</c>
    /// always answers 202.
    /// </summary>
    public int? StatusCode { get; init; }

    /// <summary>The <c>sb-error-code</c> of the answer; left out: the platform's own for the status, where it has one.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>
    /// Milliseconds. <c>LateCommit</c> and <c>Accepted</c> write so long after their answer, <c>PartialCommit</c> the rest of
    /// its tables. <c>CommitThenTimeout</c> answers so long after it has written; any other kind waits so long first.
    /// Left out: 1000 for <c>Latency</c>, <c>LateCommit</c> and <c>Accepted</c>; the rest never comes for
    /// <c>PartialCommit</c>; otherwise 0. <c>Unreachable</c> and the signals end after so long; left out: when they are cleared.
    /// </summary>
    public double? DelayMs { get; init; }

    /// <summary>How many tables <c>PartialCommit</c> lets the function write before it dies; left out: 1.</summary>
    public int? AfterTables { get; init; }

    /// <summary>What <c>LongTransaction</c> and <c>TableLock</c> hold; left out: <see cref="UsualTable"/>.</summary>
    public string? Table { get; init; }

    /// <summary>Seconds, as the <c>Retry-After</c> header has them.</summary>
    public int? RetryAfterS { get; init; }

    /// <summary>Null: what would be delayed never comes.</summary>
    [JsonIgnore]
    public TimeSpan? Delay => (DelayMs, Kind) switch
    {
        ({ } given, _) => TimeSpan.FromMilliseconds(given),
        (null, FaultKind.Latency or FaultKind.LateCommit or FaultKind.Accepted) => TimeSpan.FromSeconds(1),
        (null, FaultKind.PartialCommit or FaultKind.Unreachable) => null,
        (null, _) when Kind.IsSignal() => null,
        _ => TimeSpan.Zero,
    };

    /// <exception cref="JsonException">It is no fault; the message says why.</exception>
    public static async ValueTask<FaultOrder> ReadAsync(
        Stream body, IReadOnlyCollection<string> functions, CancellationToken cancellationToken)
    {
        var order = await JsonSerializer.DeserializeAsync<FaultOrder>(body, Strict, cancellationToken).ConfigureAwait(false)
            ?? throw new JsonException("A fault is a JSON object.");
        return order.Objection(functions) is { } objection ? throw new JsonException(objection) : order;
    }

    /// <summary>Whether it is for some calls only.</summary>
    private bool IsNarrowed => (Function, SessionIds, Rate, Count, PerSession) is not (null, null, null, null, null);

    /// <summary>Whether it says what a caller sees.</summary>
    private bool IsAnswered => (StatusCode, ErrorCode, RetryAfterS) is not (null, null, null);

    private string? Objection(IReadOnlyCollection<string> functions) => this switch
    {
        { Function: { } name } when !functions.Contains(name) =>
            $"There is no function '{name}'; there are {string.Join(", ", functions)}.",
        { Kind: FaultKind.Unreachable, IsNarrowed: true } =>
            "Unreachable is for the whole API; leave out function, session_ids, rate, count and per_session.",
        { IsNarrowed: true } or { IsAnswered: true } when Kind.IsSignal() =>
            $"{Kind} is a fault of the whole database. Leave out function, session_ids, rate, count, per_session, status_code, error_code and retry_after_s.",
        { Table: not null, Kind: not (FaultKind.LongTransaction or FaultKind.TableLock) } => "table is for LongTransaction and TableLock.",
        { SessionIds: [] } => "session_ids names no session; leave it out for all.",
        { Rate: not null and not (>= 0 and <= 1) } => "rate is from 0 to 1.",
        { Count: <= 0 } or { PerSession: <= 0 } => "count and per_session are at least 1.",
        { StatusCode: not null and not (0 or (>= 200 and <= 599)) } => "status_code is from 200 to 599, or 0 for a reset after a commit.",
        { StatusCode: 0, Kind: not (FaultKind.CommitThenTimeout or FaultKind.PartialCommit) } =>
            "status_code 0, a reset, is for CommitThenTimeout and PartialCommit; the kind Reset runs nothing.",
        { AfterTables: not null, Kind: not FaultKind.PartialCommit } => "after_tables is for PartialCommit.",
        { AfterTables: not null and not (>= 0 and <= MostTables) } => $"after_tables is from 0 to {MostTables}.",
        { DelayMs: not null and not (>= 0 and <= LongestDelayMs) } => "delay_ms is from 0 to a day.",
        { RetryAfterS: < 0 } => "retry_after_s is at least 0.",
        { ErrorCode: { } code } when code.Length == 0 || code.Any(c => c is < '!' or > '~') =>
            "error_code is a word of visible ASCII characters.",
        _ => null,
    };
}
