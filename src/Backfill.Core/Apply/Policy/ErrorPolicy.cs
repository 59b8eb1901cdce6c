namespace Backfill.Apply;

/// <summary>What follows from a reply.</summary>
public enum Disposition
{
    /// <summary>Answered well: read back and judge.</summary>
    Verify,

    /// <summary>Nothing happened: call again after a pause.</summary>
    Retry,

    /// <summary>It may have been committed: read back; call again only when the quiet period is over.</summary>
    Unknown,

    /// <summary>It can't succeed.</summary>
    Fail,

    /// <summary>It was not called, and is to be claimed anew: its rows have changed while it waited.</summary>
    GiveBack,

    /// <summary>No session can succeed: stop the run.</summary>
    Halt,
}

/// <summary>One line of the error policy.</summary>
/// <param name="Status">The HTTP status, or null for any.</param>
/// <param name="PlatformCode">The <c>sb-error-code</c>, <c>*</c> for any of them, or null for a reply with or without.</param>
/// <param name="Fault">Why there was no answer.</param>
/// <param name="Category">What kind of failure it is.</param>
/// <param name="Disposition">What follows.</param>
/// <param name="Meaning">In words, for the operator.</param>
public sealed record ErrorRule(
    int? Status, string? PlatformCode, ReplyFault Fault, BackfillCategory? Category, Disposition Disposition, string Meaning)
{
    /// <summary>Whether the function may have written before it replied so.</summary>
    public bool MayHaveWritten => Disposition is Disposition.Verify or Disposition.Unknown || Status == 500;
}

/// <summary>From a reply to what follows: one table, first match wins.</summary>
/// <remarks>The statuses are those of Supabase's edge functions; <c>sb-error-code</c> marks the platform's own errors.</remarks>
public static class ErrorPolicy
{
    /// <summary>The table.</summary>
    public static IReadOnlyList<ErrorRule> Rules { get; } =
    [
        new(null, null, ReplyFault.Cancelled, BackfillCategory.Cancelled, Disposition.Unknown, "the run was stopped while the call was in flight"),
        new(null, null, ReplyFault.Timeout, BackfillCategory.Timeout, Disposition.Unknown, "no answer in time"),
        new(null, null, ReplyFault.Reset, BackfillCategory.Network, Disposition.Unknown, "the connection broke after the call was sent"),
        new(null, null, ReplyFault.NotSent, BackfillCategory.Network, Disposition.Retry, "no connection could be made"),
        new(200, null, ReplyFault.None, null, Disposition.Verify, "answered"),
        new(401, null, ReplyFault.None, BackfillCategory.Authentication, Disposition.Halt, "the key was refused"),
        new(403, null, ReplyFault.None, BackfillCategory.Authentication, Disposition.Halt, "the key was refused"),
        new(404, "*", ReplyFault.None, BackfillCategory.NotFound, Disposition.Fail, "the function is not deployed"),
        new(404, null, ReplyFault.None, BackfillCategory.NotFound, Disposition.Fail, "the function says that the session is not there"),
        new(400, null, ReplyFault.None, BackfillCategory.Validation, Disposition.Fail, "the function refused its input"),
        new(422, null, ReplyFault.None, BackfillCategory.Validation, Disposition.Fail, "the function refused its input"),
        new(408, null, ReplyFault.None, BackfillCategory.Timeout, Disposition.Unknown, "the request timed out"),
        new(429, null, ReplyFault.None, BackfillCategory.RateLimited, Disposition.Retry, "too many requests"),
        new(503, "*", ReplyFault.None, BackfillCategory.FunctionError, Disposition.Retry, "the function did not boot"),
        // Not the platform's own word: a gateway's, perhaps after the call was sent.
        new(503, null, ReplyFault.None, BackfillCategory.FunctionError, Disposition.Unknown, "the service is unavailable"),
        new(502, null, ReplyFault.None, BackfillCategory.Network, Disposition.Unknown, "a gateway lost the answer"),
        new(504, null, ReplyFault.None, BackfillCategory.Timeout, Disposition.Unknown, "idle timeout; the work may still be committed"),
        new(546, null, ReplyFault.None, BackfillCategory.ResourceLimit, Disposition.Unknown, "a worker ran out of a resource"),
        // It has answered, so nothing of it can be committed later; its upserts may be repeated.
        new(500, null, ReplyFault.None, BackfillCategory.FunctionError, Disposition.Retry, "the function failed"),
    ];

    /// <summary>What follows from a reply.</summary>
    /// <param name="reply">The reply.</param>
    /// <returns>The first rule that fits; anything else in the 500s may have been committed, the rest can't succeed.</returns>
    public static ErrorRule Classify(FunctionReply reply) =>
        Rules.FirstOrDefault(r => Fits(r, reply)) ?? Otherwise(reply.StatusCode);

    private static bool Fits(ErrorRule rule, FunctionReply reply) =>
        rule.Fault == reply.Fault
        && (rule.Status is null || rule.Status == reply.StatusCode)
        && (rule.PlatformCode is null
            || (rule.PlatformCode == "*" ? reply.PlatformCode is not null : rule.PlatformCode == reply.PlatformCode));

    private static ErrorRule Otherwise(int? status) => status switch
    {
        >= 200 and < 300 => new(status, null, ReplyFault.None, null, Disposition.Verify, "answered"),
        >= 500 => new(status, null, ReplyFault.None, BackfillCategory.FunctionError, Disposition.Unknown, "the service failed"),
        _ => new(status, null, ReplyFault.None, BackfillCategory.Configuration, Disposition.Fail, "an answer that the functions do not give"),
    };
}
