using Backfill.Engine.Apply.Claim;
using Backfill.Engine.Plans;

namespace Backfill.Engine.Tests.Rules.Apply;

public class ForeignChangesTests
{
    private static readonly RowFact Effect = Rows.WrittenOver(Rows.Profiles, ("results_version", "v1.2.1"));
    private static readonly RowFact Edited = Rows.WrittenOver(Rows.Profiles, ("results_version", "v1.0"));

    [Fact]
    public void The_expected_effect_of_an_attempt_whose_worker_died_is_ours() =>
        Assert.Empty(AtClaim(Effect, new EarlierAttempt(1, 1, null)));

    [Fact]
    public void The_expected_effect_of_an_unknown_attempt_is_ours() =>
        Assert.Empty(AtClaim(Effect, new EarlierAttempt(1, 1, BackfillOutcome.Unknown)));

    [Fact]
    public void Another_change_after_an_unknown_attempt_is_somebody_elses() =>
        Assert.Equal([Edited], AtClaim(Edited, new EarlierAttempt(1, 1, BackfillOutcome.Unknown)));

    [Fact]
    public void Even_the_expected_row_is_somebody_elses_when_nothing_of_ours_was_in_flight() =>
        Assert.Equal([Effect], AtClaim(Effect, new EarlierAttempt(1, 1, BackfillOutcome.Failed)));

    [Fact]
    public void An_announced_call_that_was_never_sent_explains_nothing() =>
        Assert.Equal([Effect], AtClaim(Effect, new EarlierAttempt(1, 1, BackfillOutcome.Skipped)));

    [Fact]
    public void A_row_outside_the_functions_tables_is_somebody_elses() =>
        Assert.Single(ForeignChanges.Outside([Rows.New(Rows.Fc), Effect], [Rows.Profiles]));

    private static IReadOnlyList<RowFact> AtClaim(RowFact row, EarlierAttempt earlier) => ForeignChanges.AtClaim(
        new ClaimedSession(Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), 1, "b", 2, 2, [row], [earlier]),
        [Rows.ScorePrism(1)],
        Footprint.Known);
}
