using System.Diagnostics;
using System.Text.Json;

namespace Backfill.Sandbox.Functions;

/// <summary>One call that arrived at the function server. What happened to it is filled in when it is answered.</summary>
internal sealed class Call
{
    private readonly long _arrivedTick = Stopwatch.GetTimestamp();
    private long _committedTick;
    private int _tablesWritten;

    public required long Sequence { get; init; }

    /// <summary>UTC, taken before anything else was done with the request.</summary>
    public DateTimeOffset ArrivedAt { get; } = DateTimeOffset.UtcNow;

    /// <summary>Microseconds on a clock that nobody sets; its zero is arbitrary.</summary>
    public long ArrivedTickUs => Microseconds(_arrivedTick);

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

    /// <summary>The kind of the fault that the call met; null: none.</summary>
    public string? Fault { get; private set; }

    public long? FaultId { get; private set; }

    /// <summary>On the clock of <see cref="ArrivedTickUs"/>: when all rows were known to be committed. Null: they are not.</summary>
    public long? CommittedTickUs => Volatile.Read(ref _committedTick) is var tick and not 0 ? Microseconds(tick) : null;

    /// <summary>How many tables of the function have rows of this call that are committed.</summary>
    public int TablesWritten => Volatile.Read(ref _tablesWritten);

    public DateTimeOffset? CommittedAt =>
        Volatile.Read(ref _committedTick) is var tick and not 0 ? ArrivedAt + Stopwatch.GetElapsedTime(_arrivedTick, tick) : null;

    public void Asked(FunctionRequest request) => (SessionId, Params) = (request.SessionId, request.Params);

    public void Met(long faultId, string fault) => (FaultId, Fault) = (faultId, fault);

    public void WroteTable() => Interlocked.Increment(ref _tablesWritten);

    public void Committed() => Volatile.Write(ref _committedTick, Stopwatch.GetTimestamp());

    /// <summary>What became of a call that was answered before.</summary>
    public void EndedLate(string outcome) => Outcome = outcome;

    /// <param name="status">Null: the connection ended without an answer.</param>
    /// <param name="outcome">One of <see cref="Outcomes"/>.</param>
    public void Ended(int? status, string outcome)
    {
        DurationMs = Stopwatch.GetElapsedTime(_arrivedTick).TotalMilliseconds;
        (Status, Outcome) = (status, outcome);
    }

    private static long Microseconds(long tick) => tick / (Stopwatch.Frequency / 1_000_000);
}
