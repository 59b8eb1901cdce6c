using Backfill.Engine.Apply.Freeze;
using Backfill.Engine.Ledger;
using Backfill.Engine.Tests.Apply;

namespace Backfill.Engine.Tests.Rules.Apply;

public class ReviewPointsTests
{
    /// <summary>Six sessions, two in each of the batches a, b and c.</summary>
    private static readonly PlannedSession[] Sessions =
        [.. Enumerable.Range(1, 6).Select(n => new PlannedSession(n, "aabbcc"[n - 1].ToString(), Id(n)))];

    [Theory]
    [InlineData("", null, "", "")]
    [InlineData("a", null, "", "2 batch a")]
    [InlineData("ab", null, "", "2 batch a, 4 batch b")]
    [InlineData("", "B", "", "4 batch b")]
    [InlineData("a", "3", "", "2 batch a, 3 3 sessions")]
    [InlineData("", "1", "", "1 1 session")]
    // Nothing comes after it.
    [InlineData("c", null, "", "")]
    [InlineData("", "6", "", "")]
    [InlineData("", "7", "", "")]
    // What an earlier run has done needs no review, and counts for none.
    [InlineData("a", null, "12", "")]
    [InlineData("a", null, "1", "2 batch a")]
    [InlineData("ab", null, "56", "2 batch a")]
    [InlineData("", "2", "13", "4 2 sessions")]
    // Two names for one place.
    [InlineData("a", "2", "", "2 batch a")]
    [InlineData("a", "1", "2", "1 1 session")]
    public void Of_gives_the_places_with_something_to_decide(string reviewed, string? after, string settled, string expected)
    {
        var points = ReviewPoints.Of(
            PlanOf(reviewed), after, Sessions, settled.Select(c => Id(c - '0')).ToHashSet());

        Assert.Equal(expected, string.Join(", ", points.Select(p => $"{p.AfterOrdinal} {p.Name}")));
    }

    [Theory]
    [InlineData("d")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1.5")]
    public void Check_refuses_what_is_neither_a_batch_nor_a_number_of_sessions(string after)
    {
        var refusal = Assert.Throws<BackfillException>(() => ReviewPoints.Check(PlanOf(""), after));

        Assert.Equal("ReviewAfterInvalid", refusal.Code);
        Assert.Contains("a, b, c", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("c")]
    [InlineData("6")]
    [InlineData("60")]
    public void RequireMore_refuses_a_review_that_never_comes(string after)
    {
        var refusal = Assert.Throws<BackfillException>(() => ReviewPoints.RequireMore(PlanOf(""), after, Sessions));

        Assert.Equal("ReviewAfterInvalid", refusal.Code);
        Assert.Contains($"-ReviewAfter {after} would never come: no session follows it in this run of 6 sessions", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("b")]
    [InlineData("5")]
    public void RequireMore_allows_a_review_before_the_last_session(string? after) =>
        ReviewPoints.RequireMore(PlanOf(""), after, Sessions);

    private static Guid Id(int number) => new($"00000000-0000-0000-0000-00000000000{number}");

    private static BackfillPlan PlanOf(string reviewed)
    {
        var plan = ApplyWorld.PlanOf(Id(1));
        return plan with
        {
            Batches = new([.. "abc".Select(c => plan.Batches[0] with { BatchId = c.ToString(), Review = reviewed.Contains(c, StringComparison.Ordinal) })]),
        };
    }
}
