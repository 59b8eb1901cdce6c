using Backfill.Engine.Reports;
using Backfill.Engine.Tests.Rules.Gates;

namespace Backfill.Engine.Tests.Rules.Reports;

/// <summary>The page's two sentences: what was done, and why.</summary>
public sealed class ReportLeadTests
{
    private static readonly BackfillRun Run = new()
    {
        RunId = Guid.Empty,
        PlanVersion = "v1.0",
        PlanHash = "",
        Environment = BackfillEnvironment.Staging,
        State = BackfillRunState.Completed,
        Intent = BackfillRunIntent.Run,
        Operator = "ada@ops1 as postgres",
        Total = 1_040,
        Succeeded = 1_035,
        Failed = 5,
        StartedAt = new(2025, 9, 17, 8, 0, 12, TimeSpan.Zero),
        FinishedAt = new(2025, 9, 17, 8, 52, 40, TimeSpan.Zero),
    };

    [Fact]
    public void What_was_done_names_who_what_where_when_and_how_it_ended() => Assert.Equal(
        "ada@ops1 as postgres applied plan v1.0 for 1040 sessions of staging project abcd from 2025-09-17 08:00Z to 2025-09-17 08:52Z: 1,035 succeeded, 5 failed.",
        ReportLead.What(Run, "abcd"));

    [Fact]
    public void A_run_that_waits_at_its_gate_was_prepared_only() => Assert.Equal(
        "ada@ops1 as postgres prepared plan v1.0 for 2 sessions of staging project abcd: 2 are left.",
        ReportLead.What(
            Run with { State = BackfillRunState.Pending, Total = 2, Succeeded = 0, Failed = 0, Remaining = 2, StartedAt = null, FinishedAt = null },
            "abcd"));

    [Theory]
    [InlineData("OPS-1", "FC scores", "It was done for OPS-1 (FC scores); the plan gives no reason.")]
    [InlineData("OPS-1", null, "It was done for OPS-1; the plan gives no reason.")]
    [InlineData(null, "FC scores", "It was done as “FC scores”, without a ticket; the plan gives no reason.")]
    [InlineData(null, null, "No ticket and no name were given; the plan gives no reason.")]
    public void Why_names_ticket_and_name(string? ticket, string? name, string expected) =>
        Assert.Equal(expected, ReportLead.Why(Run with { Ticket = ticket, Name = name }, null, []));

    [Fact]
    public void Why_says_what_the_newest_decision_said_and_first_of_all_why_a_run_is_not_running()
    {
        var denied = Gated.Applied.Deny(BackfillGateName.ApplyReview).Gate(BackfillGateName.ApplyReview);
        Assert.EndsWith($"; {denied.DecidedBy} denied ApplyReview: a test.", ReportLead.Why(Run, null, [denied]), StringComparison.Ordinal);
        var halted = Run with { State = BackfillRunState.Halted, Reason = "ten attempts in a row failed." };
        Assert.EndsWith("; it is Halted because: ten attempts in a row failed.", ReportLead.Why(halted, null, [denied]), StringComparison.Ordinal);
    }
}
