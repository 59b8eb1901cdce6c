using Backfill.Engine.Apply.Call;

namespace Backfill.Engine.Tests.Rules.Apply;

public class ErrorPolicyTests
{
    [Theory]
    [InlineData(200, null, null, Disposition.Verify)]
    [InlineData(202, null, BackfillCategory.FunctionError, Disposition.Unknown)]
    [InlineData(204, null, BackfillCategory.FunctionError, Disposition.Unknown)]
    [InlineData(402, null, BackfillCategory.Configuration, Disposition.Halt)]
    [InlineData(540, null, BackfillCategory.Configuration, Disposition.Halt)]
    [InlineData(404, null, BackfillCategory.NotFound, Disposition.Fail)]
    [InlineData(500, "WORKER_ERROR", BackfillCategory.FunctionError, Disposition.Unknown)]
    [InlineData(502, null, BackfillCategory.Network, Disposition.Unknown)]
    [InlineData(503, null, BackfillCategory.FunctionError, Disposition.Unknown)]
    [InlineData(400, null, BackfillCategory.Validation, Disposition.Fail)]
    [InlineData(401, "UNAUTHORIZED_INVALID_JWT", BackfillCategory.Authentication, Disposition.Halt)]
    [InlineData(403, null, BackfillCategory.Authentication, Disposition.Halt)]
    [InlineData(404, "NOT_FOUND", BackfillCategory.NotFound, Disposition.Halt)]
    [InlineData(429, null, BackfillCategory.RateLimited, Disposition.Retry)]
    [InlineData(500, null, BackfillCategory.FunctionError, Disposition.Retry)]
    [InlineData(503, "BOOT_ERROR", BackfillCategory.FunctionError, Disposition.Retry)]
    [InlineData(504, "IDLE_TIMEOUT", BackfillCategory.Timeout, Disposition.Unknown)]
    [InlineData(546, "WORKER_LIMIT", BackfillCategory.ResourceLimit, Disposition.Unknown)]
    [InlineData(599, null, BackfillCategory.FunctionError, Disposition.Unknown)]
    [InlineData(302, null, BackfillCategory.Configuration, Disposition.Fail)]
    public void A_status_has_one_category_and_one_consequence(
        int status, string? code, BackfillCategory? category, Disposition disposition)
    {
        var rule = ErrorPolicy.Classify(new() { StatusCode = status, PlatformCode = code });
        Assert.Equal((category, disposition), (rule.Category, rule.Disposition));
    }

    [Theory]
    [InlineData(ReplyFault.NotSent, Disposition.Hold)]
    [InlineData(ReplyFault.Broken, Disposition.Unknown)]
    [InlineData(ReplyFault.Timeout, Disposition.Unknown)]
    [InlineData(ReplyFault.Reset, Disposition.Unknown)]
    [InlineData(ReplyFault.Cancelled, Disposition.Unknown)]
    public void A_fault_is_ambiguous_unless_nothing_was_sent(ReplyFault fault, Disposition disposition) =>
        Assert.Equal(disposition, ErrorPolicy.Classify(new() { Fault = fault }).Disposition);

    [Theory]
    [InlineData(429, null)]
    [InlineData(503, "BOOT_ERROR")]
    [InlineData(500, null)]
    public void A_target_that_asks_for_a_pause_says_nothing_of_the_session(int status, string? code) =>
        Assert.Equal(
            Disposition.Hold,
            ErrorPolicy.Classify(new() { StatusCode = status, PlatformCode = code, RetryAfter = TimeSpan.FromSeconds(1) }).Disposition);

    [Fact]
    public void An_ambiguous_answer_stays_ambiguous_though_the_target_asks_for_a_pause() =>
        Assert.Equal(
            Disposition.Unknown,
            ErrorPolicy.Classify(new() { StatusCode = 504, RetryAfter = TimeSpan.FromSeconds(1) }).Disposition);

    [Fact]
    public void Every_halt_names_a_remedy() =>
        Assert.All(ErrorPolicy.Rules.Where(r => r.Disposition == Disposition.Halt), r => Assert.NotNull(r.Remedy));

    [Theory]
    [InlineData(true, "verify_jwt")]
    [InlineData(false, "service role key")]
    public void A_refused_key_names_the_remedy_for_its_kind(bool keyIsNoJwt, string remedy) =>
        Assert.Contains(
            remedy, ErrorPolicy.Classify(new() { StatusCode = 401, KeyIsNoJwt = keyIsNoJwt }).Remedy, StringComparison.Ordinal);
}
