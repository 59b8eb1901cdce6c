using System.Diagnostics;
using System.Text.Json;

namespace Backfill.Sandbox.Functions;

/// <summary>One call that arrived at the function server. What happened to it is filled in when it is answered.</summary>
internal sealed class Call
{
    private readonly long _arrivedTick = Stopwatch.GetTimestamp();

    public required long Sequence { get; init; }

    /// <summary>UTC, taken before anything else was done with the request.</summary>
    public DateTimeOffset ArrivedAt { get; } = DateTimeOffset.UtcNow;

    /// <summary>Microseconds on a clock that nobody sets; its zero is arbitrary.</summary>
    public long ArrivedTickUs => _arrivedTick / (Stopwatch.Frequency / 1_000_000);

    public required string Method { get; init; }

    public required string Function { get; init; }

    /// <summary>The tracing headers: <c>idempotency-key</c> and <c>x-backfill-…</c>.</summary>
    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    public string? SessionId { get; private set; }

    public IReadOnlyDictionary<string, JsonElement>? Params { get; private set; }

    /// <summary>Null while in flight, and where the connection ended without an answer.</summary>
    public int? Status { get; private set; }

    /// <summary>Null while in flight; see <see cref="Outcomes"/>.</summary>
    public string? Outcome { get; private set; }

    public double? DurationMs { get; private set; }

    public void Asked(FunctionRequest request) => (SessionId, Params) = (request.SessionId, request.Params);

    /// <param name="status">Null: the connection ended without an answer.</param>
    /// <param name="outcome">One of <see cref="Outcomes"/>.</param>
    public void Ended(int? status, string outcome)
    {
        DurationMs = Stopwatch.GetElapsedTime(_arrivedTick).TotalMilliseconds;
        (Status, Outcome) = (status, outcome);
    }
}
