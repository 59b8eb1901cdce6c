using System.Globalization;
using Backfill.Engine.Gates;

namespace Backfill.Engine.Tests.Rules.Gates;

/// <summary>Decisions under the lock: on exactly what was seen, by whom, for how long; and what a use is.</summary>
public class DecisionRulesTests
{
    private const BackfillGateName Review = BackfillGateName.ApplyReview;

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void Who_decides_second_is_told_and_decides_nothing(bool first, bool second)
    {
        var seen = Gated.Applied;
        var after = seen.Decide(seen.Decision(Review, first));
        // By value, from the very sight that both had.
        var code = Gated.Code(() => after.Decide(seen.Decision(Review, second)));
        Assert.Equal(!first && !second ? "GateDenied" : "GateDecidedMeanwhile", code);
        // By name.
        var byName = Gated.Code(() => after.Decide(seen.Decision(Review, second) with { ReplacesDecision = false }));
        Assert.Equal(first ? "GateApproved" : "GateDenied", byName);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Exactly_the_evidence_that_was_seen_is_decided_on(bool approve)
    {
        foreach (var name in Enum.GetValues<BackfillGateName>())
        {
            var seen = Gated.Raised(name);
            Assert.Equal("GateEvidenceChanged", Gated.Code(() => seen.Changed(name).Decide(seen.Decision(name, approve))));
            var approved = seen.Approve(name);
            Assert.Equal("GateEvidenceChanged", Gated.Code(() => approved.Changed(name).Decide(approved.Decision(name, approve))));
        }
    }

    [Fact]
    public void A_decision_keeps_who_when_why_and_what()
    {
        var facts = Gated.Applied.Decide(Gated.Applied.Decision(Review) with { Approver = "Bob B.", Reason = "looks well" });
        var entry = Assert.Single(facts.Entries);
        Assert.Equal((1, Review, GateAction.Approved, Gated.Now), (entry.Sequence, entry.Gate, entry.Action, entry.At));
        Assert.Equal((Gated.Decider, "bob_role", "Bob B.", "looks well"), (entry.Operator, entry.DatabaseRole, entry.Approver, entry.Reason));
        Assert.Equal((Gated.Plan.Hash, GateChain.HashOf(entry.Evidence)), (entry.PlanHash, entry.EvidenceHash));
        Assert.Equal(facts.Gate(Review).Criteria, GateCriteriaJson.Read(entry.Criteria));
        Assert.Equal("Bob B. (bob@south as bob_role)", facts.Gate(Review).DecidedBy);
        var denied = Assert.Single(Gated.Applied.Deny(Review).Entries);
        Assert.Equal((null, false), (denied.ExpiresAt, denied.Overridden));
    }

    [Fact]
    public void A_denial_needs_no_override()
    {
        var halted = Gated.Applied with { State = BackfillRunState.Halted };
        Assert.Equal(BackfillGateStatus.Denied, halted.Decide(halted.Decision(Review, approve: false) with { Override = false }).Gate(Review).Status);
    }

    [Theory]
    [InlineData("00:00:00", false)]
    [InlineData("-00:00:01", false)]
    [InlineData("00:00:00.000001", true)]
    [InlineData("7.00:00:00", true)]
    [InlineData("7.00:00:00.0000001", false)]
    public void An_approval_lasts_more_than_nothing_and_at_most_seven_days(string expiresIn, bool allowed)
    {
        var span = TimeSpan.Parse(expiresIn, CultureInfo.InvariantCulture);
        var code = Gated.Code(() => Gated.Applied.Decide(Gated.Applied.Decision(Review) with { ExpiresIn = span }));
        Assert.Equal(allowed ? "" : "GateExpiryInvalid", code);
    }

    [Theory]
    // The plan asks; who approves, as whom; refused?
    [InlineData("true", "bob@south", "bob_role", false)]
    [InlineData("true", "ann@north", "bob_role", true)]
    [InlineData("true", "ann@another-host", "bob_role", true)]
    [InlineData("true", "bob@north", "ann_role", true)]
    [InlineData("true", "cid@west", "bob_role", true)]
    [InlineData("true", "bob@south", "cid_role", true)]
    [InlineData("true", "annika@north", "ann_role_2", false)]
    [InlineData("false", "ann@north", "ann_role", false)]
    public void Four_eyes_are_not_those_of_anybody_who_started_the_run(string asked, string who, string role, bool refused)
    {
        var facts = Gated.Of(Gated.PlanOf(approvals: $"\"four_eyes\": {asked}")) with
        {
            DatabaseRole = role,
            Starters = [new(Gated.Starter, Gated.StarterRole), new("cid@east", "cid_role")],
        };
        foreach (var given in (string?[])[null, "Somebody Else"])
        {
            var decision = facts.Decision(Review) with { Operator = who, Approver = given };
            Assert.Equal(refused ? "GateFourEyes" : "", Gated.Code(() => facts.Decide(decision)));
            // To stop is anybody's right.
            Assert.Equal("", Gated.Code(() => facts.Decide(decision with { Approve = false })));
        }
    }

    [Theory]
    [InlineData("{")]
    [InlineData("EDITED")]
    public void A_plan_that_is_not_the_runs_may_have_asked_for_four_eyes(string document)
    {
        var plan = Gated.PlanOf(approvals: "\"four_eyes\": true");
        var facts = Gated.Of(plan) with { DatabaseRole = Gated.StarterRole };
        facts = facts with { Document = document == "EDITED" ? plan.GetDocument().Replace("\"four_eyes\": true", "", StringComparison.Ordinal) : document };
        Assert.Equal("GateFourEyes", Gated.Code(() => facts.Decide(facts.Decision(Review))));
    }

    [Fact]
    public void Going_on_with_what_was_started_is_no_new_use()
    {
        var soaked = Gated.Soaked;
        Assert.Null(DecisionRules.Use(soaked, Review, ApprovalUse.Name(soaked.Soak!.Soak.SoakId)));
        Assert.Equal("GateUsed", Gated.Code(() => DecisionRules.Use(soaked, Review, ApprovalUse.Name(Guid.NewGuid()))));
    }

    [Fact]
    public void Who_comes_to_a_soak_that_another_has_just_begun_joins_it()
    {
        var open = Gated.Soaked with { Soak = Gated.Soaked.Soak! with { EndedAt = null, Soak = Gated.Soaked.Soak!.Soak with { Ending = null } } };
        Assert.Null(DecisionRules.Use(open, Review, ApprovalUse.Name(Guid.NewGuid())));
    }

    [Fact]
    public void A_process_that_died_before_its_soak_was_there_has_used_nothing_up_while_the_approval_lasts()
    {
        var used = Gated.Applied.Approve(Review).Use(Review, ApprovalUse.Name(Guid.NewGuid()));
        Assert.Null(DecisionRules.Use(used, Review, ApprovalUse.Name(Guid.NewGuid())));
        var late = used with { Now = Gated.Now + GateService.DefaultExpiry };
        Assert.Equal("GateUsed", Gated.Code(() => DecisionRules.Use(late, Review, ApprovalUse.Name(Guid.NewGuid()))));
    }

    [Fact]
    public void Only_a_soaks_use_can_be_unbegun()
    {
        var used = Gated.Frozen.Approve(BackfillGateName.ProdApply).Use(BackfillGateName.ProdApply, ApprovalUse.Name(Gated.Frozen.RunId));
        Assert.Equal("GateUsed", Gated.Code(() => DecisionRules.Use(used, BackfillGateName.ProdApply, ApprovalUse.Name(Guid.NewGuid()))));
        Assert.Null(DecisionRules.Use(used, BackfillGateName.ProdApply, ApprovalUse.Name(Gated.Frozen.RunId)));
    }
}
