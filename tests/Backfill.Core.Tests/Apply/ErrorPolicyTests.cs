using Backfill.Apply;

namespace Backfill.Core.Tests.Apply;

public class ErrorPolicyTests
{
    [Theory]
    [InlineData(200, null, null, Disposition.Verify)]
    [InlineData(400, null, BackfillCategory.Validation, Disposition.Fail)]
    [InlineData(401, "UNAUTHORIZED_INVALID_JWT", BackfillCategory.Authentication, Disposition.Halt)]
    [InlineData(403, null, BackfillCategory.Authentication, Disposition.Halt)]
    [InlineData(404, "NOT_FOUND", BackfillCategory.NotFound, Disposition.Fail)]
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
    [InlineData(ReplyFault.NotSent, Disposition.Retry)]
    [InlineData(ReplyFault.Timeout, Disposition.Unknown)]
    [InlineData(ReplyFault.Reset, Disposition.Unknown)]
    [InlineData(ReplyFault.Cancelled, Disposition.Unknown)]
    public void A_fault_is_repeated_only_where_nothing_was_sent(ReplyFault fault, Disposition disposition) =>
        Assert.Equal(disposition, ErrorPolicy.Classify(new() { Fault = fault }).Disposition);
}
