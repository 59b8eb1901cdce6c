using Backfill.Engine.Apply.Claim;
using Backfill.Engine.Plans;

namespace Backfill.Engine.Tests.Rules.Apply;

public class AnnouncedTests
{
    private static readonly (string, string)[] RightFc = [("version", "v1.2"), ("fc_kind", "functions")];

    [Fact]
    public void Where_a_worker_died_in_the_first_call_the_second_was_never_sent() =>
        Assert.Equal([2], NeverSent([], Attempt(1, 1, null), Attempt(2, 1, null)));

    [Fact]
    public void Where_the_first_call_ended_well_the_second_may_have_been_sent() =>
        Assert.Empty(NeverSent([], Attempt(1, 1, BackfillOutcome.Succeeded), Attempt(2, 1, null)));

    [Fact]
    public void Where_the_first_call_was_to_be_repeated_the_second_was_never_sent() =>
        Assert.Equal([2], NeverSent([], Attempt(1, 1, BackfillOutcome.Failed), Attempt(2, 1, null)));

    [Fact]
    public void Where_a_repeated_call_ended_well_the_second_may_have_been_sent() =>
        Assert.Empty(NeverSent([], Attempt(1, 1, BackfillOutcome.Failed), Attempt(1, 2, BackfillOutcome.Succeeded), Attempt(2, 1, null)));

    [Fact]
    public void Where_the_first_operation_may_have_been_spared_the_second_may_have_been_sent() =>
        Assert.Empty(NeverSent([Rows.Untouched(Rows.Fc, RightFc)], Attempt(1, 1, null), Attempt(2, 1, null)));

    [Fact]
    public void Where_the_first_operation_has_written_its_row_it_was_not_spared() =>
        Assert.Equal([2], NeverSent([Rows.New(Rows.Fc, RightFc)], Attempt(1, 1, null), Attempt(2, 1, null)));

    [Fact]
    public void What_one_claim_has_left_open_says_nothing_of_another_claim() =>
        Assert.Empty(NeverSent([], Attempt(1, 2, null, fence: 8), Attempt(2, 1, null)));

    private static EarlierAttempt Attempt(int position, int attempt, BackfillOutcome? outcome, long fence = 7) =>
        new(position, attempt, outcome, Fence: fence);

    /// <summary>Which operations' attempts were never sent.</summary>
    private static IEnumerable<int> NeverSent(RowFact[] rows, params EarlierAttempt[] earlier) => Announced.NeverSent(
        new ClaimedSession(Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), 1, "b", 9, 3, rows, earlier),
        [Rows.ScoreFc() with { IfMissing = true }, Rows.ScorePrism()],
        Footprint.Known).Select(e => e.Position);
}
