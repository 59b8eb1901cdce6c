using Backfill.Engine.Gates;
using Backfill.Engine.Soak.Checks;
using Backfill.Engine.Tests.Rules.Soak;

namespace Backfill.Engine.Tests.Rules.Gates;

/// <summary>What the gates after the review are judged by: a soak, and production's sessions.</summary>
public class GoNoGoCriteriaTests
{
    [Fact]
    public void A_good_soak_passes_and_shows_every_check()
    {
        var gate = Gated.Soaked.Gate(BackfillGateName.SoakGoNoGo);
        Assert.True(gate.Passed, string.Join('\n', gate.Criteria));
        var checks = Gated.Soaked.Soak!.Last!.Checks.Select(c => c.Name).ToList();
        Assert.True(checks.Count >= 6);
        Assert.Equal(["Plan", "ApplyReview", "Soak", "Versions", "Verdict", .. checks], gate.Criteria.Select(c => c.Name));
    }

    [Fact]
    public void What_was_not_measured_is_neither_met_nor_failed_and_takes_an_override()
    {
        var facts = Gated.Soaked with { Soak = Gated.SoakOf(Healthy.Facts with { OverrideEvents = null }) };
        var check = facts.Soak!.Last!.Checks.Single(c => c.Status == SoakCheckStatus.NotMeasured);
        var criterion = facts.Criterion(BackfillGateName.SoakGoNoGo, check.Name);
        Assert.Null(criterion.Passed);
        Assert.StartsWith("NotMeasured: ", criterion.Actual, StringComparison.Ordinal);
        var gate = facts.Gate(BackfillGateName.SoakGoNoGo);
        Assert.False(gate.Passed);
        Assert.Contains(check.Name, GateText.UnmetNames(gate), StringComparison.Ordinal);
        Assert.Contains("[not measured] " + check.Name, string.Join('\n', facts.Gate(BackfillGateName.SoakGoNoGo).Criteria), StringComparison.Ordinal);
    }

    [Fact]
    public void A_check_that_fails_or_says_too_little_is_not_met()
    {
        foreach (var found in (SoakFacts[])[Healthy.Facts with { Unscored = Healthy.Sessions(3) }, Healthy.Facts with { Completed = 3, Unconverted = [] }])
        {
            var facts = Gated.Soaked with { Soak = Gated.SoakOf(found) };
            var gate = facts.Gate(BackfillGateName.SoakGoNoGo);
            var bad = facts.Soak!.Last!.Checks.Where(c => c.Status is SoakCheckStatus.Fail or SoakCheckStatus.Inconclusive).Select(c => c.Name).ToList();
            Assert.NotEmpty(bad);
            Assert.Equal(["Verdict", .. bad], gate.Criteria.Where(c => c.Passed == false).Select(c => c.Name));
            Assert.False(gate.Passed);
        }
    }

    [Fact]
    public void An_open_soak_or_none_is_not_met()
    {
        var open = Gated.Soaked.Soak! with { EndedAt = null, Soak = Gated.Soaked.Soak!.Soak with { Ending = null } };
        var gate = (Gated.Soaked with { Soak = open }).Gate(BackfillGateName.SoakGoNoGo);
        Assert.Equal(["Soak", "Verdict"], gate.Criteria.Where(c => c.Passed == false).Select(c => c.Name));
        Assert.Equal(["Soak"], (Gated.Soaked with { Soak = null }).Gate(BackfillGateName.SoakGoNoGo).Criteria.Where(c => c.Passed == false).Select(c => c.Name));
    }

    [Theory]
    [InlineData("v9", "v1.2")]
    [InlineData("v1.2.1", "v9")]
    public void A_soak_for_other_versions_than_the_plans_is_not_met(string engine, string fc)
    {
        var soak = Gated.Soaked.Soak!;
        var settings = soak.Soak.Settings with { EngineVersion = engine, FcVersion = fc };
        var facts = Gated.Soaked with { Soak = soak with { Soak = soak.Soak with { Settings = settings } } };
        Gated.OnlyThisFails(facts, BackfillGateName.SoakGoNoGo, "Versions", "engine v1.2.1, FC v1.2", $"engine {engine}, FC {fc}");
    }

    [Fact]
    public void A_soak_that_was_not_begun_through_its_gate_is_not_met()
    {
        var other = Guid.CreateVersion7();
        var soak = Gated.Soaked.Soak!;
        Gated.OnlyThisFails(
            Gated.Soaked with { Soak = soak with { Soak = soak.Soak with { SoakId = other } }, SoakIds = [other] },
            BackfillGateName.SoakGoNoGo,
            "ApplyReview",
            "approved, on what the run shows now",
            "the soak was not begun through this gate");
    }

    [Fact]
    public void A_run_that_is_not_what_was_approved_speaks_against_its_soak()
    {
        var criterion = Gated.Soaked.Changed(BackfillGateName.ApplyReview).Criterion(BackfillGateName.SoakGoNoGo, "ApplyReview");
        Assert.False(criterion.Passed);
        Assert.EndsWith("the run is not what it was then", criterion.Actual, StringComparison.Ordinal);
    }

    [Fact]
    public void An_override_is_said_by_everything_after_it()
    {
        var halted = Gated.Applied with { State = BackfillRunState.Halted };
        var overridden = halted.Decide(halted.Decision(BackfillGateName.ApplyReview) with { Reason = "the risk" });
        Assert.True(overridden.Gate(BackfillGateName.ApplyReview).Overridden);
        var soaked = Gated.SoakedWell(overridden);
        Assert.True(soaked.Gate(BackfillGateName.ApplyReview).Overridden);
        Assert.Contains("with -Override: the risk", soaked.Criterion(BackfillGateName.SoakGoNoGo, "ApplyReview").Actual, StringComparison.Ordinal);
        // Nothing failed: nothing was overridden, whatever was asked.
        Assert.False(Gated.Applied.Approve(BackfillGateName.ApplyReview).Gate(BackfillGateName.ApplyReview).Overridden);
    }

    public static TheoryData<int, int, int, int, string?, string> UnwellHealth => new()
    {
        { 2, 1, 0, 0, null, "1 lack nothing" },
        { 2, 1, 1, 0, null, "1 can't be backfilled" },
        { 2, 1, 0, 1, null, "1 are not there" },
        { 0, 0, 0, 0, null, "0 of 0" },
        { 2, 2, 0, 0, "the database was away", "not measured: the database was away" },
    };

    [Theory]
    [MemberData(nameof(UnwellHealth))]
    public void Production_sessions_that_do_not_all_need_it_are_not_met(int sessions, int needing, int not, int missing, string? problem, string said)
    {
        var facts = Gated.Frozen with { Health = new(Gated.Now, sessions, needing, not, missing, problem) };
        var criterion = facts.Criterion(BackfillGateName.ProdApply, "Health");
        Assert.False(criterion.Passed);
        Assert.Contains(said, criterion.Actual, StringComparison.Ordinal);
        Assert.True(Gated.Frozen.Criterion(BackfillGateName.ProdApply, "Health").Passed);
    }

    [Fact]
    public void Production_that_was_not_measured_is_not_met() =>
        Assert.False((Gated.Frozen with { Health = null }).Criterion(BackfillGateName.ProdApply, "Health").Passed);
}
