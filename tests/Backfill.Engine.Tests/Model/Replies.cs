using Backfill.Engine.Tests.Sandbox;

namespace Backfill.Engine.Tests.Model;

/// <summary>A reply by its short name.</summary>
/// <param name="Answer">What its caller learns.</param>
/// <param name="Status">The HTTP status; 0 for a reset.</param>
/// <param name="Code">The <c>sb-error-code</c>, where it is not the status's own.</param>
/// <param name="RetryAfter">Seconds.</param>
internal sealed record Reply(Answer Answer, int Status, string? Code = null, int? RetryAfter = null);

/// <summary>The replies that histories have, and the sandbox's faults that give them.</summary>
internal static class Replies
{
    /// <summary>The body of a 200 that is cut on its way.</summary>
    public const string Cut = "cut";

    /// <summary>The API can't be reached.</summary>
    public const string NotSent = "not sent";

    private static readonly Dictionary<string, Reply> All = new(StringComparer.Ordinal)
    {
        ["200"] = new(Answer.Ok, 200),
        [Cut] = new(Answer.Ambiguous, 200),
        ["202"] = new(Answer.Ambiguous, 202),
        ["reset"] = new(Answer.Ambiguous, 0),
        ["platform 500"] = new(Answer.Ambiguous, 500, "WORKER_ERROR"),
        ["502"] = new(Answer.Ambiguous, 502),
        ["504"] = new(Answer.Ambiguous, 504),
        ["546"] = new(Answer.Ambiguous, 546),
        ["400"] = new(Answer.Refused, 400),
        ["500"] = new(Answer.Broke, 500),
        ["429"] = new(Answer.TurnedAway, 429),
        ["503"] = new(Answer.TurnedAway, 503),
        ["429 with Retry-After"] = new(Answer.Paused, 429, RetryAfter: 1),
        [NotSent] = new(Answer.NotSent, 0),
    };

    public static IReadOnlyList<string> With(Answer answer) => [.. All.Where(r => r.Value.Answer == answer).Select(r => r.Key)];

    public static Reply Of(string name) => All[name];

    /// <summary>What makes the sandbox do it to the session's next call; null where that is what it does anyway.</summary>
    public static SandboxFault? Fault(Step step, string function, Guid session, TimeSpan quiet) =>
        Kind(step, Of(step.Reply), function == Op.ScoreFc ? 1 : Step.All, quiet) is { } fault
            ? fault with { Function = function, SessionIds = [session], Count = 1 }
            : null;

    private static SandboxFault? Kind(Step step, Reply reply, int tables, TimeSpan quiet)
    {
        if (reply.Status == 200)
        {
            return step.IsOld ? new(SandboxFaultKind.WrongVersion)
                : step.Written == 0 ? new(SandboxFaultKind.NoWrite)
                : null;
        }

        var told = (SandboxFaultKind kind) => new SandboxFault(kind) { StatusCode = reply.Status, ErrorCode = reply.Code, RetryAfter = reply.RetryAfter };
        if (step.Written >= tables)
            return told(SandboxFaultKind.CommitThenTimeout);
        if (step.Rest == Rest.Never && step.Written == 0)
            return reply.Status == 0 ? new(SandboxFaultKind.Reset) : told(SandboxFaultKind.Status);
        var delay = step.Rest == Rest.Never ? (TimeSpan?)null : DelayOf(step.Rest, quiet);
        return (step.Written, reply.Status) switch
        {
            (0, 202) => new(SandboxFaultKind.Accepted) { Delay = delay },
            (0, 504) => new(SandboxFaultKind.LateCommit) { Delay = delay },
            _ => told(SandboxFaultKind.PartialCommit) with { AfterTables = step.Written, Delay = delay },
        };
    }

    private static TimeSpan DelayOf(Rest rest, TimeSpan quiet) => quiet * rest switch { Rest.Within => 0.4, Rest.After => 1.3, _ => 3.0 };
}
