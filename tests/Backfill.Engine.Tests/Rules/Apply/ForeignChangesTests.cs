using Backfill.Engine.Apply.Call;
using Backfill.Engine.Apply.Claim;
using Backfill.Engine.Apply.Settle;
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

    [Fact]
    public void At_the_settlement_the_tables_of_the_last_call_are_ours_and_no_others()
    {
        RowFact[] rows = [Rows.New(Rows.Fc), Effect];
        OperationTrace[] traces = [Called(Rows.ScoreFc()), Called(Rows.ScorePrism())];
        Assert.Equal([rows[0]], ForeignChanges.AtSettlement(traces, Footprint.Known, rows, []));
        Assert.Equal([Effect], ForeignChanges.AtSettlement([traces[0], Rows.NotReached(Rows.ScorePrism())], Footprint.Known, rows, []));
        Assert.Equal(rows, ForeignChanges.AtSettlement([Rows.NotReached(Rows.ScoreFc())], Footprint.Known, rows, []));
    }

    [Fact]
    public void What_was_seen_before_stays_somebody_elses_at_the_settlement_as_its_row_is_now()
    {
        var gone = Rows.New(Rows.Fc);
        Assert.Equal(
            [Effect, gone],
            ForeignChanges.AtSettlement([Called(Rows.ScorePrism())], Footprint.Known, [Effect], [Edited, gone]));
    }

    private static OperationTrace Called(PlanOperation operation) =>
        new(operation, Rows.Trace(operation, Disposition.Verify).Last! with { MayHaveWritten = true });

    private static IReadOnlyList<RowFact> AtClaim(RowFact row, EarlierAttempt earlier) => ForeignChanges.AtClaim(
        new ClaimedSession(Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), 1, "b", 2, 2, [row], [earlier]),
        [Rows.ScorePrism(1)],
        Footprint.Known);
}
