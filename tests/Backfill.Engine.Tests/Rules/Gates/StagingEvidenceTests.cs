using Backfill.Engine.Gates;

namespace Backfill.Engine.Tests.Rules.Gates;

/// <summary>What a staging run must be to speak for production.</summary>
public class StagingEvidenceTests
{
    private static readonly string[] Names = ["StagingRun", "StagingSoak", "Versions", "ModuleVersion", "EvidenceAge"];

    [Fact]
    public void Good_evidence_opens_production_without_an_override()
    {
        var facts = Gated.Frozen.Decide(Gated.Frozen.Decision(BackfillGateName.ProdApply) with { Override = false }, Gated.Evidence);
        var gate = facts.Gate(BackfillGateName.ProdApply);
        Assert.Equal((BackfillGateStatus.Approved, true, false), (gate.Status, gate.Passed, gate.Overridden));
        // As they stood when it was approved; the staging ledger is not read at every look.
        Assert.Equal(["Plan", "Health", .. Names], gate.Criteria.Select(c => c.Name));
        Assert.Contains(Gated.Evidence.Head!, facts.Entries[0].OtherEvidence, StringComparison.Ordinal);
        Assert.Contains(Gated.Evidence.Gate(BackfillGateName.SoakGoNoGo).EvidenceHash, facts.Entries[0].OtherEvidence, StringComparison.Ordinal);
        Assert.Contains(Gated.Evidence.Gate(BackfillGateName.ApplyReview).EvidenceHash, facts.Entries[0].OtherEvidence, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_evidence_its_criteria_are_not_read_and_not_met()
    {
        var gate = Gated.Frozen.Gate(BackfillGateName.ProdApply);
        Assert.Equal(Names, gate.Criteria.Where(c => c.Passed == false).Select(c => c.Name));
        Assert.All(gate.Criteria.Where(c => c.Passed == false), c => Assert.StartsWith("not read", c.Actual, StringComparison.Ordinal));
        Assert.Equal("GateCriteriaFailed", Gated.Code(() => Gated.Frozen.Decide(Gated.Frozen.Decision(BackfillGateName.ProdApply) with { Override = false })));

        var overridden = Gated.Frozen.Approve(BackfillGateName.ProdApply).Gate(BackfillGateName.ProdApply);
        Assert.Equal((BackfillGateStatus.Approved, false, true), (overridden.Status, overridden.Passed, overridden.Overridden));
    }

    [Theory]
    [InlineData("expired", true)]
    [InlineData("expired", false)]
    [InlineData("denied", true)]
    [InlineData("invalidated", true)]
    [InlineData("invalidated", false)]
    [InlineData("approved", true)]
    [InlineData("used", true)]
    public void What_was_read_for_an_earlier_decision_speaks_for_no_later_one(string what, bool byValue)
    {
        const BackfillGateName name = BackfillGateName.ProdApply;
        var approved = Gated.Frozen.Approve(name, Gated.Evidence);
        var later = what switch
        {
            "expired" => approved with { Now = Gated.Now.AddDays(21) },
            "denied" => Gated.Frozen.Decide(Gated.Frozen.Decision(name, approve: false), Gated.Evidence),
            "invalidated" => approved.Changed(name),
            "used" => approved.Use(name, "this"),
            _ => approved,
        };
        var shown = later.Gate(name);
        Assert.Equal(what, shown.Status.ToString(), ignoreCase: true);
        // An approval that stands is shown with what it rests on; of any other decision nothing of staging is left.
        Assert.Equal(what is "approved" or "used" ? [] : Names, shown.Criteria.Where(c => c.Passed == false).Select(c => c.Name));

        var decision = later.Decision(name) with { ReplacesDecision = byValue, Override = false };
        var refusal = Assert.Throws<BackfillException>(() => later.Decide(decision));
        Assert.Equal("GateCriteriaFailed", refusal.Code);
        Assert.All(Names, n => Assert.Contains($"[NOT MET] {n}: not read", refusal.Message, StringComparison.Ordinal));
        var overridden = later.Decide(decision with { Override = true });
        Assert.True(overridden.Gate(name).Overridden);
        Assert.Equal(Names, overridden.Gate(name).Criteria.Where(c => c.Passed == false).Select(c => c.Name));
        var anew = later.Decide(decision, Gated.Evidence).Gate(name);
        Assert.Equal((BackfillGateStatus.Approved, true, false), (anew.Status, anew.Passed, anew.Overridden));
    }

    [Fact]
    public void Every_command_that_approves_production_names_its_evidence()
    {
        const BackfillGateName name = BackfillGateName.ProdApply;
        const string Evidence = " -EvidenceConnection Staging -EvidenceRunId (Get-BackfillRun -Latest -Connection Staging).RunId";
        var approved = Gated.Frozen.Approve(name, Gated.Evidence);
        foreach (var facts in (GateFacts[])[Gated.Frozen, Gated.Frozen.Deny(name), approved with { Now = Gated.Now.AddDays(21) }, approved.Use(name, "this")])
            Assert.EndsWith(Evidence, GateText.Closed(facts.Gate(name)), StringComparison.Ordinal);
        var again = Assert.Throws<BackfillException>(() => approved.Decide(approved.Decision(name) with { ReplacesDecision = false }));
        Assert.EndsWith($"| Confirm-BackfillGate{Evidence}", again.Message, StringComparison.Ordinal);
        var denied = Assert.Throws<BackfillException>(() => approved.Decide(approved.Decision(name, approve: false) with { ReplacesDecision = false }));
        Assert.EndsWith("| Deny-BackfillGate", denied.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Bad => new()
    {
        { "run denied", "StagingRun" },
        { "run never decided", "StagingRun" },
        { "run approved long ago", "StagingRun" },
        { "run changed", "StagingRun StagingSoak" },
        { "soak not decided", "StagingSoak" },
        { "soak denied", "StagingSoak" },
        { "soak approved and expired", "StagingSoak" },
        { "soak changed", "StagingSoak" },
        { "chain broken", "StagingRun StagingSoak" },
        { "other engine in the plan", "Versions" },
        { "other engine in the soak", "StagingSoak Versions" },
        { "no soak", "StagingSoak Versions EvidenceAge" },
        { "soak open", "StagingSoak EvidenceAge" },
        { "of another module", "ModuleVersion" },
        { "another module written in", "StagingRun StagingSoak ModuleVersion" },
        { "over seven days", "EvidenceAge" },
        { "of the future", "StagingSoak EvidenceAge" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void Bad_evidence_is_named_and_refused(string what, string failing)
    {
        var (good, apply, soak) = (Gated.Evidence, BackfillGateName.ApplyReview, BackfillGateName.SoakGoNoGo);
        var ended = good.Soak!;
        var staging = what switch
        {
            "run denied" => Unsoaked(Gated.Applied.Deny(apply)),
            "run never decided" => Unsoaked(Gated.Applied),
            "run approved long ago" => Unsoaked(Gated.Applied.Approve(apply) with { Now = Gated.Now.AddDays(2) }),
            "run changed" => good.Changed(apply),
            "soak not decided" => Gated.Soaked,
            "soak denied" => Gated.Soaked.Deny(soak),
            "soak approved and expired" => good with { Now = Gated.Now.AddHours(25) },
            "soak changed" => good.Changed(soak),
            "chain broken" => good with { Count = 7 },
            "other engine in the plan" => OfAnotherEngine(),
            "other engine in the soak" => good with { Soak = ended with { Soak = ended.Soak with { Settings = ended.Soak.Settings with { EngineVersion = "v9" } } } },
            "no soak" => Gated.Applied.Approve(apply),
            "soak open" => good with { Soak = ended with { EndedAt = null, Soak = ended.Soak with { Ending = null } } },
            "of another module" => Gated.SoakedWell((Gated.Applied with { ModuleVersion = "9.9.9" }).Approve(apply)).Approve(soak),
            "another module written in" => good with { ModuleVersion = "9.9.9" },
            "over seven days" => Used() with { Now = ended.EndedAt!.Value + StagingEvidence.MaxAge + TimeSpan.FromMicroseconds(1) },
            _ => good with { Soak = ended with { EndedAt = Gated.Now.AddSeconds(1) } },
        };
        var criteria = StagingEvidence.Judge(staging, GateStanding.PlanOf(Gated.Frozen), ModuleInfo.Version);
        Assert.Equal(failing, string.Join(' ', criteria.Where(c => c.Passed != true).Select(c => c.Name)));
        Assert.All(criteria, c => Assert.NotNull(c.Passed));
        var refusal = Assert.Throws<BackfillException>(
            () => Gated.Frozen.Decide(Gated.Frozen.Decision(BackfillGateName.ProdApply) with { Override = false }, staging));
        Assert.Equal("GateCriteriaFailed", refusal.Code);
        Assert.All(failing.Split(' '), name => Assert.Contains($"[NOT MET] {name}: ", refusal.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Exactly_seven_days_are_not_too_old() => Assert.All(
        StagingEvidence.Judge(
            Used() with { Now = Gated.Evidence.Soak!.EndedAt!.Value + StagingEvidence.MaxAge }, GateStanding.PlanOf(Gated.Frozen), ModuleInfo.Version),
        c => Assert.True(c.Passed, c.ToString()));

    [Fact]
    public void A_production_plan_for_other_versions_is_not_spoken_for()
    {
        var frozen = Gated.Of(Gated.PlanOf("production", engine: "v1.3.0")) with
        {
            Environment = BackfillEnvironment.Production,
            Health = Gated.Frozen.Health,
        };
        var gate = DecisionRules.Judge(frozen, frozen.Decision(BackfillGateName.ProdApply), new(Gated.Evidence, "there")).Gate;
        Assert.Equal(["Versions"], gate.Criteria.Where(c => c.Passed == false).Select(c => c.Name));
    }

    [Fact]
    public void An_override_on_staging_is_said_at_production()
    {
        var halted = Gated.Applied with { State = BackfillRunState.Halted };
        var staging = Gated.SoakedWell(halted.Decide(halted.Decision(BackfillGateName.ApplyReview) with { Reason = "the risk" }))
            .Approve(BackfillGateName.SoakGoNoGo);
        var gate = Gated.Frozen.Approve(BackfillGateName.ProdApply, staging).Gate(BackfillGateName.ProdApply);
        Assert.Contains("with -Override: the risk", gate.Criteria.Single(c => c.Name == "StagingRun").Actual, StringComparison.Ordinal);
    }

    private static GateFacts Used() => Gated.Evidence.Use(BackfillGateName.SoakGoNoGo, ApprovalUse.ProdHealth);

    /// <summary>A soak that was approved though its run was not.</summary>
    private static GateFacts Unsoaked(GateFacts facts) =>
        (facts with { Soak = Gated.Soaked.Soak, SoakIds = Gated.Soaked.SoakIds }).Approve(BackfillGateName.SoakGoNoGo);

    private static GateFacts OfAnotherEngine()
    {
        var facts = Gated.Of(Gated.PlanOf(engine: "v1.1.0"));
        return Gated.SoakedWell(facts.Approve(BackfillGateName.ApplyReview)).Approve(BackfillGateName.SoakGoNoGo);
    }
}
