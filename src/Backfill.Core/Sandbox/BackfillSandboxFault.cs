using System.Text.Json.Serialization;

namespace Backfill;

/// <summary>A fault as the sandbox's control plane takes it. What is null is left out, and does not narrow it.</summary>
internal sealed record BackfillSandboxFault
{
    [JsonConverter(typeof(JsonStringEnumConverter<BackfillSandboxFaultKind>))]
    public required BackfillSandboxFaultKind Kind { get; init; }

    public string? Function { get; init; }

    public IReadOnlyCollection<Guid>? SessionIds { get; init; }

    public double? Rate { get; init; }

    public int? Count { get; init; }

    public int? PerSession { get; init; }

    public int? StatusCode { get; init; }

    public string? ErrorCode { get; init; }

    public double? DelayMs { get; init; }

    public int? AfterTables { get; init; }

    public int? RetryAfterS { get; init; }

    /// <summary>Whether it answers an error of its own making.</summary>
    [JsonIgnore]
    public bool IsAnswered => Kind is BackfillSandboxFaultKind.Status or BackfillSandboxFaultKind.CommitThenTimeout
        or BackfillSandboxFaultKind.LateCommit or BackfillSandboxFaultKind.PartialCommit;

    /// <summary>Kind and calls, for a question: <c>NoWrite for 3 sessions, at most once each</c>.</summary>
    /// <returns>One line.</returns>
    public override string ToString() => string.Join(", ", new[]
    {
        $"{Kind} for {Whom}",
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
