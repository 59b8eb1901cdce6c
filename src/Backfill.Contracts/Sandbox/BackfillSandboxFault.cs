using System.Text.Json.Serialization;

namespace Backfill;

/// <summary>A fault as the sandbox's control plane takes it. What is null is left out, and does not narrow it.</summary>
public sealed record BackfillSandboxFault
{
    /// <summary>How calls go wrong, or what ails the database.</summary>
    [JsonConverter(typeof(JsonStringEnumConverter<BackfillSandboxFaultKind>))]
    public required BackfillSandboxFaultKind Kind { get; init; }

    /// <summary>The function that it hits; null for any.</summary>
    public string? Function { get; init; }

    /// <summary>The sessions that it hits; null for any.</summary>
    public IReadOnlyCollection<Guid>? SessionIds { get; init; }

    /// <summary>The share of the calls that it hits, 0 to 1.</summary>
    public double? Rate { get; init; }

    /// <summary>How many calls it hits at most.</summary>
    public int? Count { get; init; }

    /// <summary>How many calls of one session it hits at most.</summary>
    public int? PerSession { get; init; }

    /// <summary>What the caller sees.</summary>
    public int? StatusCode { get; init; }

    /// <summary>The <c>sb-error-code</c>.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>How late, in milliseconds.</summary>
    public double? DelayMs { get; init; }

    /// <summary>How many tables are written before the function dies.</summary>
    public int? AfterTables { get; init; }

    /// <summary>The table that a transaction or a lock holds; null for <c>public.fc_scores</c>.</summary>
    public string? Table { get; init; }

    /// <summary>After how many seconds the caller is asked to come again.</summary>
    public int? RetryAfterS { get; init; }

    /// <summary>Whether it answers an error of its own making.</summary>
    [JsonIgnore]
    public bool IsAnswered => Kind is BackfillSandboxFaultKind.Status or BackfillSandboxFaultKind.CommitThenTimeout
        or BackfillSandboxFaultKind.LateCommit or BackfillSandboxFaultKind.PartialCommit;

    /// <summary>Whether it is a health signal of the database, and not of calls.</summary>
    [JsonIgnore]
    public bool IsSignal => Kind >= BackfillSandboxFaultKind.LongTransaction;

    /// <summary>Kind and calls, for a question: <c>NoWrite for 3 sessions, at most once each</c>.</summary>
    /// <returns>One line.</returns>
    public override string ToString() => string.Join(", ", new[]
    {
        IsSignal ? $"{Kind} in {Table ?? "the database"}" : $"{Kind} for {Whom}",
        Function is null ? null : $"{Function} only",
        Rate is { } rate ? FormattableString.Invariant($"{rate:0.##%} of the calls") : null,
        PerSession is { } each ? $"at most {Of(each, "call")} each" : null,
        Count is { } count ? $"at most {Of(count, "call")} in all" : null,
    }.OfType<string>());

    private string Whom =>
        SessionIds is { Count: var sessions } ? Of(sessions, "session")
        : Kind == BackfillSandboxFaultKind.Unreachable ? "every caller"
        : "every session";

    private static string Of(int number, string what) => FormattableString.Invariant($"{number} {what}{(number == 1 ? "" : "s")}");
}
