using Backfill.Engine.Gates;
using Backfill.Engine.Reports;
using Backfill.Engine.Tests.Rules.Gates;
using Backfill.Engine.Tests.Rules.Soak;

namespace Backfill.Engine.Tests.Rules.Reports;

/// <summary>The page's first sentence never says more than the gates do.</summary>
public sealed class ReportVerdictTests
{
    [Fact]
    public void A_run_whose_every_criterion_is_met_is_good() =>
        Assert.Equal(("good", "Every criterion of ApplyReview is met."), Of(Gated.Applied));

    [Theory]
    [InlineData(BackfillRunState.Pending)]
    [InlineData(BackfillRunState.Running)]
    [InlineData(BackfillRunState.Paused)]
    public void An_open_production_run_is_open_however_its_gate_was_decided(BackfillRunState state)
    {
        var facts = Gated.Frozen.Approve(BackfillGateName.ProdApply, Gated.Evidence) with { State = state };
        Assert.All(facts.Gate(BackfillGateName.ProdApply).Criteria, c => Assert.True(c.Passed));
        Assert.Equal(("open", $"The run has not ended: {state}; 9 of 14 sessions succeeded so far."), Of(facts));
    }

    [Fact]
    public void What_was_not_measured_is_not_called_met()
    {
        var facts = Gated.Soaked with { Soak = Gated.SoakOf(Healthy.Facts with { OverrideEvents = null }) };
        var gate = facts.Gate(BackfillGateName.SoakGoNoGo);
        Assert.Equal(("open", $"No criterion of SoakGoNoGo fails, and 1 of {gate.Criteria.Count} could not be measured."), Of(facts));
        Assert.Equal("no criterion fails; not measured: EngineOverrideEvents", GateText.Judged(gate));
    }

    [Fact]
    public void A_denied_gate_is_not_good() =>
        Assert.Equal(("bad", "ApplyReview was denied: a test"), Of(Gated.Applied.Deny(BackfillGateName.ApplyReview)));

    [Fact]
    public void Criteria_that_are_not_met_are_named() =>
        Assert.Equal(
            ("bad", "1 of 11 criteria of ApplyReview are not met: Failed."),
            Of(Gated.Applied with { Apply = Gated.Applied.Apply with { Failed = 1 } }));

    [Fact]
    public void What_was_rolled_back_is_said_first() =>
        Assert.Equal(("open", "The run was rolled back."), Of(Gated.Applied with { State = BackfillRunState.RolledBack }));

    private static (string Class, string Headline) Of(GateFacts facts)
    {
        var run = new BackfillRun
        {
            RunId = facts.RunId,
            PlanVersion = "v1.0",
            PlanHash = facts.PlanHash,
            Environment = facts.Environment,
            State = facts.State,
            Intent = BackfillRunIntent.Run,
            Total = 14,
            Succeeded = 9,
            Operator = Gated.Starter,
        };
        var verdict = ReportVerdict.Of(run, GateStanding.All(facts));
        return (verdict.Class, verdict.Headline);
    }
}
