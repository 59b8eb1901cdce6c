namespace Backfill.Engine.Apply.Call;

/// <summary>What follows from a reply.</summary>
public enum Disposition
{
    /// <summary>A clean success: read back and judge.</summary>
    Verify,

    /// <summary>Answered, and nothing comes later: call again after a pause.</summary>
    Retry,

    /// <summary>Ambiguous: it may be committed, or may be committed later. Read back when the quiet period is over.</summary>
    Unknown,

    /// <summary>It can't succeed.</summary>
    Fail,

    /// <summary>It need not be called: its effect was there before.</summary>
    Spare,

    /// <summary>It was not called, and is to be claimed again: its rows changed while it waited, or the run is held.</summary>
    GiveBack,

    /// <summary>It says nothing about the session: the whole run waits, and the session is claimed again.</summary>
    Hold,

    /// <summary>No session can succeed: stop the run.</summary>
    Halt,
}

/// <summary>One line of the error policy.</summary>
/// <param name="Status">The HTTP status, or null for any.</param>
/// <param name="PlatformCode">The <c>sb-error-code</c>, <c>*</c> for any of them, or null for a reply with or without.</param>
/// <param name="Fault">Why there was no answer that could be read.</param>
/// <param name="Category">What kind of failure it is.</param>
/// <param name="Disposition">What follows.</param>
/// <param name="Meaning">In words, for the operator.</param>
/// <param name="Remedy">What the operator can do; null where nothing has to be done.</param>
public sealed record ErrorRule(
    int? Status,
    string? PlatformCode,
    ReplyFault Fault,
    BackfillCategory? Category,
    Disposition Disposition,
    string Meaning,
    string? Remedy = null)
{
    /// <summary>Why the run halts, as a code; null where it doesn't.</summary>
    public BackfillRunCause? Cause { get; init; }

    /// <summary>Whether the rule is for keys that are no JWT.</summary>
    public bool ForOpaqueKey { get; init; }

    /// <summary>Whether the function may have written before it replied so.</summary>
    public bool MayHaveWritten => Disposition is Disposition.Verify or Disposition.Unknown || Status == 500;
}

/// <summary>From a reply to what follows: one table, first match wins.</summary>
/// <remarks>The statuses are those of Supabase's edge functions; <c>sb-error-code</c> marks the platform's own errors.</remarks>
public static class ErrorPolicy
{
    private const string CheckKey = "Connect with the project's service role key (project settings, API keys).";

    /// <summary>The table.</summary>
    public static IReadOnlyList<ErrorRule> Rules { get; } =
    [
        new(null, null, ReplyFault.Cancelled, BackfillCategory.Cancelled, Disposition.Unknown, "the run was stopped while the call was in flight"),
        new(null, null, ReplyFault.Timeout, BackfillCategory.Timeout, Disposition.Unknown, "no answer in time"),
        new(null, null, ReplyFault.Reset, BackfillCategory.Network, Disposition.Unknown, "the connection broke after the call was sent"),
        new(null, null, ReplyFault.Broken, BackfillCategory.Network, Disposition.Unknown, "the answer was cut, or is no JSON"),
        new(null, null, ReplyFault.NotSent, BackfillCategory.Network, Disposition.Hold, "no connection could be made"),
        new(200, null, ReplyFault.None, null, Disposition.Verify, "answered"),
        new(401, null, ReplyFault.None, BackfillCategory.Authentication, Disposition.Halt, "the key was refused",
            "A function that verifies JWTs refuses an sb_secret_ key, which is none: deploy it with verify_jwt off, or connect with the legacy service_role key.")
        {
            ForOpaqueKey = true,
            Cause = BackfillRunCause.KeyRefused,
        },
        new(401, null, ReplyFault.None, BackfillCategory.Authentication, Disposition.Halt, "the key was refused", CheckKey) { Cause = BackfillRunCause.KeyRefused },
        new(403, null, ReplyFault.None, BackfillCategory.Authentication, Disposition.Halt, "the key was refused", CheckKey) { Cause = BackfillRunCause.KeyRefused },
        new(402, null, ReplyFault.None, BackfillCategory.Configuration, Disposition.Halt, "the project is restricted: a quota or its spend cap is exceeded",
            "See the organization's billing page.") { Cause = BackfillRunCause.ProjectRestricted },
        new(540, null, ReplyFault.None, BackfillCategory.Configuration, Disposition.Halt, "the project is paused",
            "Restore the project in its dashboard.") { Cause = BackfillRunCause.ProjectPaused },
        new(404, "*", ReplyFault.None, BackfillCategory.NotFound, Disposition.Halt, "the function is not deployed",
            "Deploy it, or correct its name in the plan.") { Cause = BackfillRunCause.FunctionNotDeployed },
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
        // The platform's: the worker died, and a statement that it had sent goes on without it.
        new(500, "*", ReplyFault.None, BackfillCategory.FunctionError, Disposition.Unknown, "the platform failed"),
        // The function's own: it came to its end, so nothing of it can be committed later; its upserts may be repeated.
        new(500, null, ReplyFault.None, BackfillCategory.FunctionError, Disposition.Retry, "the function failed"),
    ];

    /// <summary>What follows from a reply.</summary>
    /// <param name="reply">The reply.</param>
    /// <returns>
    /// The first rule that fits. Any other success promises later work, and any other status from 500 on may have been
    /// committed: both are ambiguous. The rest can't succeed.
    /// </returns>
    public static ErrorRule Classify(FunctionReply reply)
    {
        var rule = Rules.FirstOrDefault(r => Fits(r, reply)) ?? Otherwise(reply.StatusCode);
        // A target that asks to be left alone for a while says nothing about the session.
        return rule.Disposition == Disposition.Retry && reply.RetryAfter is not null ? rule with { Disposition = Disposition.Hold } : rule;
    }

    private static bool Fits(ErrorRule rule, FunctionReply reply) =>
        rule.Fault == reply.Fault
        && (rule.Status is null || rule.Status == reply.StatusCode)
        && (!rule.ForOpaqueKey || reply.KeyIsNoJwt)
        && (rule.PlatformCode is null
            || (rule.PlatformCode == "*" ? reply.PlatformCode is not null : rule.PlatformCode == reply.PlatformCode));

    private static ErrorRule Otherwise(int? status) => status switch
    {
        >= 200 and < 300 => new(
            status, null, ReplyFault.None, BackfillCategory.FunctionError, Disposition.Unknown, "accepted; the work may be done later"),
        >= 500 => new(status, null, ReplyFault.None, BackfillCategory.FunctionError, Disposition.Unknown, "the service failed"),
        _ => new(
            status, null, ReplyFault.None, BackfillCategory.Configuration, Disposition.Fail, "an answer that the functions do not give"),
    };
}
