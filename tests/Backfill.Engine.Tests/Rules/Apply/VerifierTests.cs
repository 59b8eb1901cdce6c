using Backfill.Engine.Apply.Call;
using Backfill.Engine.Apply.Claim;
using Backfill.Engine.Apply.Settle;
using Backfill.Engine.Plans;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace Backfill.Engine.Tests.Rules.Apply;

public class VerifierTests
{
    private static readonly (string, string)[] RightFc = [("version", "v1.2"), ("fc_kind", "functions")];

    [Fact]
    public void A_new_row_of_the_right_version_is_a_success() =>
        Assert.Equal(BackfillOutcome.Succeeded, Settle(Disposition.Verify, Rows.New(Rows.Fc, RightFc)).Outcome);

    [Fact]
    public void A_row_written_over_with_the_right_version_is_a_success() =>
        Assert.Equal(BackfillOutcome.Succeeded, Settle(Disposition.Verify, Rows.WrittenOver(Rows.Fc, RightFc)).Outcome);

    [Fact]
    public void An_answer_without_a_row_is_no_effect()
    {
        var settlement = Settle(Disposition.Verify);
        Assert.Equal((BackfillOutcome.NoEffect, BackfillCategory.NoEffect), (settlement.Outcome, settlement.Category));
    }

    [Fact]
    public void The_right_row_from_before_the_claim_is_no_effect() =>
        Assert.Equal(BackfillOutcome.NoEffect, Settle(Disposition.Verify, Rows.Untouched(Rows.Fc, RightFc)).Outcome);

    [Fact]
    public void No_effect_says_which_row_is_missing_and_what_was_written_instead()
    {
        string? Reason(params Backfill.Engine.Apply.Claim.RowFact[] rows) => Verifier.Settle(
            [Rows.Trace(Rows.ScorePrism(1), Disposition.Verify)], Footprint.Known, rows, []).Reason;

        Assert.Equal(
            "score_prism: answered success and wrote scoring_results but no profiles: an upsert inside it fails, and it does not check that",
            Reason(Rows.New("public.scoring_results")));
        Assert.Equal(
            "score_prism: answered well and wrote nothing: there is no row in profiles with results_version v1.2.1",
            Reason(Rows.Untouched("public.scoring_results")));
        Assert.Equal(
            "score_prism: answered well and wrote nothing: what profiles holds of the session is from before the call",
            Reason(Rows.Untouched(Rows.Profiles, ("results_version", "v1.2.1"))));
    }

    [Theory]
    [InlineData("v1.1", "functions")]
    [InlineData("v1.2", "legacy")]
    public void A_row_of_another_version_is_a_version_mismatch(string version, string kind)
    {
        var settlement = Settle(Disposition.Verify, Rows.New(Rows.Fc, ("version", version), ("fc_kind", kind)));
        Assert.Equal((BackfillOutcome.Failed, BackfillCategory.VersionMismatch), (settlement.Outcome, settlement.Category));
        Assert.Contains("version v1.2", settlement.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void The_row_of_another_operation_is_no_version_mismatch()
    {
        var settlement = Verifier.Settle(
            [Rows.Trace(Rows.ScoreFc(), Disposition.Verify), Rows.Trace(Rows.ScoreFc(2, "v1.3"), Disposition.Verify)],
            Footprint.Known,
            [Rows.New(Rows.Fc, RightFc)],
            []);
        Assert.Equal(
            [BackfillOutcome.Succeeded, BackfillOutcome.NoEffect], settlement.Operations.Select(o => o.Outcome));
    }

    [Fact]
    public void A_row_without_a_version_is_a_version_mismatch() =>
        Assert.Equal(BackfillCategory.VersionMismatch, Settle(Disposition.Verify, Rows.New(Rows.Fc)).Category);

    [Fact]
    public void An_unknown_answer_stays_unknown_though_its_row_is_there() =>
        Assert.Equal(BackfillOutcome.Unknown, Settle(Disposition.Unknown, Rows.New(Rows.Fc, RightFc)).Outcome);

    [Fact]
    public void A_session_whose_second_operation_was_not_reached_does_not_succeed() =>
        Assert.NotEqual(
            BackfillOutcome.Succeeded,
            Verifier.Settle(
                [Rows.Trace(Rows.ScoreFc(), Disposition.Verify), Rows.NotReached(Rows.ScorePrism())],
                Footprint.Known,
                [Rows.New(Rows.Fc, RightFc)],
                []).Outcome);

    [Fact]
    public void A_function_that_had_nothing_to_do_leaves_no_effect_and_lets_the_next_one_be_called()
    {
        var trace = Rows.Trace(Rows.ScoreFc(), Disposition.Verify, hadNothingToDo: true);
        var settlement = Verifier.Settle([trace], Footprint.Known, [], []);
        Assert.Equal(
            (BackfillOutcome.NoEffect, OperationEnding.NothingToDo, false),
            (settlement.Outcome, settlement.Operations[0].Ending, settlement.Operations[0].Ending.Stops()));
    }

    [Fact]
    public void An_unknown_answer_without_an_effect_stays_unknown() =>
        Assert.Equal(BackfillOutcome.Unknown, Settle(Disposition.Unknown).Outcome);

    [Fact]
    public void A_refusal_is_a_failure_whatever_the_rows_say() =>
        Assert.Equal(BackfillOutcome.Failed, Settle(Disposition.Fail, Rows.New(Rows.Fc, RightFc)).Outcome);

    [Fact]
    public void A_session_whose_every_operation_was_spared_is_skipped()
    {
        var settlement = Verifier.Settle([Rows.Trace(Rows.ScorePrism(1, ifMissing: true), Disposition.Spare)], Footprint.Known, [], []);
        Assert.Equal((BackfillOutcome.Skipped, Verifier.AlreadyCurrent), (settlement.Outcome, settlement.Reason));
    }

    [Fact]
    public void An_operation_after_a_failed_one_is_not_called_and_the_session_fails()
    {
        var settlement = Verifier.Settle(
            [Rows.Trace(Rows.ScoreFc(), Disposition.Fail), Rows.NotReached(Rows.ScorePrism())], Footprint.Known, [], []);
        Assert.Equal(BackfillOutcome.Failed, settlement.Outcome);
        Assert.Equal(BackfillOutcome.Skipped, settlement.Operations[1].Outcome);
    }

    [Fact]
    public void Rows_that_somebody_else_changed_fail_the_session_and_get_no_after_image()
    {
        var theirs = Rows.WrittenOver(Rows.Profiles, ("results_version", "v1.2.1"));
        var ours = Rows.New(Rows.Fc, RightFc);
        var settlement = Verifier.Settle(
            [Rows.Trace(Rows.ScoreFc(), Disposition.Verify)], Footprint.Known, [ours, theirs], [theirs]);
        Assert.Equal((BackfillOutcome.Failed, BackfillCategory.ForeignChange), (settlement.Outcome, settlement.Category));
        Assert.Equal([ours], settlement.AfterImages);
    }

    [Fact]
    public void Rows_are_counted_as_inserted_updated_and_deleted()
    {
        var settlement = Settle(
            Disposition.Verify,
            Rows.New(Rows.Fc, RightFc),
            Rows.WrittenOver("public.scoring_results"),
            Rows.Gone("public.scoring_results_types"),
            Rows.Untouched(Rows.Profiles));
        Assert.Equal((1, 1, 1), (settlement.RowsInserted, settlement.RowsUpdated, settlement.RowsDeleted));
    }

    [Property]
    public Property No_session_succeeds_without_a_row_written_since_the_claim() => Prop.ForAll(
        Disposition2().ToArbitrary(),
        Disposition2().ToArbitrary(),
        (first, second) =>
        {
            RowFact[] rows = [Rows.Untouched(Rows.Fc, RightFc), Rows.Untouched(Rows.Profiles, ("results_version", "v1.2.1"))];
            var settlement = Verifier.Settle(
                [Rows.Trace(Rows.ScoreFc(), first), Rows.Trace(Rows.ScorePrism(), second)], Footprint.Known, rows, []);
            return settlement.Outcome != BackfillOutcome.Succeeded;
        });

    [Property]
    public Property A_session_succeeds_only_if_each_operation_succeeded_or_was_spared() => Prop.ForAll(
        Gen.ListOf(Gen.Elements(Enum.GetValues<OperationEnding>())).Where(e => e.Count > 0).ToArbitrary(),
        endings =>
        {
            var all = endings.ToList();
            var isSuccess = OperationEndings.OfSession(all).Outcome == BackfillOutcome.Succeeded;
            var isDone = all.TrueForAll(e => e is OperationEnding.Succeeded or OperationEnding.Spared)
                && all.Contains(OperationEnding.Succeeded);
            return isSuccess == isDone;
        });

    private static Gen<Disposition> Disposition2() => Gen.Elements(Enum.GetValues<Disposition>());

    private static Settlement Settle(Disposition disposition, params RowFact[] rows) =>
        Verifier.Settle([Rows.Trace(Rows.ScoreFc(), disposition)], Footprint.Known, rows, []);
}
