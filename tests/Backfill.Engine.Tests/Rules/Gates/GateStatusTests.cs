using Backfill.Engine.Gates;

namespace Backfill.Engine.Tests.Rules.Gates;

/// <summary>Where a gate stands is worked out from the ledger, at every look.</summary>
public class GateStatusTests
{
    public static TheoryData<BackfillGateName> Gates => new(Enum.GetValues<BackfillGateName>());

    [Theory]
    [MemberData(nameof(Gates))]
    public void An_approval_expires_by_the_databases_clock_to_the_microsecond(BackfillGateName name)
    {
        var facts = Gated.Raised(name);
        facts = facts.Decide(facts.Decision(name) with { ExpiresIn = TimeSpan.FromHours(2) });
        var expires = facts.Gate(name).ExpiresAt!.Value;

        Assert.Equal(Gated.Now.AddHours(2), expires);
        Assert.Equal(BackfillGateStatus.Approved, (facts with { Now = expires.AddMicroseconds(-1) }).Gate(name).Status);
        Assert.Equal(BackfillGateStatus.Expired, (facts with { Now = expires }).Gate(name).Status);
        Assert.Equal(GateService.DefaultExpiry, Gated.Raised(name).Approve(name).Gate(name).ExpiresAt - Gated.Now);
    }

    [Theory]
    [MemberData(nameof(Gates))]
    public void What_was_used_in_time_does_not_expire(BackfillGateName name)
    {
        var used = Gated.Raised(name).Approve(name).Use(name, "this") with { Now = Gated.Now.AddDays(30) };

        Assert.Equal((BackfillGateStatus.Used, "this"), (used.Gate(name).Status, used.Gate(name).UsedFor));
        Assert.Same(used, used.Use(name, "this"));
    }

    [Theory]
    [MemberData(nameof(Gates))]
    public void Changed_evidence_invalidates_an_approval_and_a_use_and_makes_a_denial_pending(BackfillGateName name)
    {
        var raised = Gated.Raised(name);
        Assert.Equal(BackfillGateStatus.Invalidated, raised.Approve(name).Changed(name).Gate(name).Status);
        var used = raised.Approve(name).Use(name, "this").Changed(name);
        Assert.Equal(BackfillGateStatus.Invalidated, used.Gate(name).Status);
        Assert.Equal("GateInvalidated", Gated.Code(() => used.Use(name, "this")));
        var denied = raised.Deny(name).Changed(name).Gate(name);
        // Who denied it, and why, is still told, in what waits as in what asks.
        Assert.Equal((BackfillGateStatus.Pending, "a test", Gated.Now), (denied.Status, denied.Reason, denied.DecidedAt));
        Assert.Contains($"denied by {denied.DecidedBy} at 2025-09-18 12:00:00Z, on other evidence than there is now: a test", GateText.Closed(denied), StringComparison.Ordinal);
        Assert.Contains(", on other evidence than there is now: a test. Review", GateText.Raised(denied, BackfillRunState.Completed), StringComparison.Ordinal);
        // Neither stays so when things are as they were.
        Assert.Equal(BackfillGateStatus.Approved, (raised.Approve(name).Changed(name) with { Apply = raised.Apply, Soak = raised.Soak, Health = raised.Health, Reviews = raised.Reviews }).Gate(name).Status);
    }

    [Theory]
    [MemberData(nameof(Gates))]
    public void A_plan_changed_in_the_ledger_invalidates_every_approval(BackfillGateName name)
    {
        var approved = Gated.Raised(name).Approve(name);
        var changed = approved with { Document = approved.Document.Replace("v1.0", "v1.1", StringComparison.Ordinal) };

        Assert.Equal(BackfillGateStatus.Invalidated, changed.Gate(name).Status);
        Assert.Equal("GateInvalidated", Gated.Code(() => changed.Use(name, "this")));
        Assert.False(changed.Criterion(name, "Plan").Passed);
    }

    [Theory]
    [MemberData(nameof(Gates))]
    public void The_newest_decision_stands(BackfillGateName name)
    {
        var raised = Gated.Raised(name);
        Assert.Equal(BackfillGateStatus.Denied, raised.Approve(name).Deny(name).Gate(name).Status);
        Assert.Equal(BackfillGateStatus.Approved, raised.Deny(name).Approve(name).Gate(name).Status);
        var anew = raised.Approve(name).Use(name, "this").Approve(name);
        Assert.Equal((BackfillGateStatus.Approved, null), (anew.Gate(name).Status, anew.Gate(name).UsedFor));
        Assert.Equal("that", anew.Use(name, "that").Gate(name).UsedFor);
    }

    [Fact]
    public void A_decision_on_one_gate_says_nothing_of_another()
    {
        var facts = Gated.Evidence;
        Assert.Equal(BackfillGateStatus.Used, facts.Gate(BackfillGateName.ApplyReview).Status);
        Assert.Equal(BackfillGateStatus.Approved, facts.Gate(BackfillGateName.SoakGoNoGo).Status);
        Assert.Equal(BackfillGateStatus.Pending, facts.Gate(BackfillGateName.ProdApply).Status);
    }

    [Theory]
    [InlineData(BackfillRunState.Pending, false)]
    [InlineData(BackfillRunState.Running, false)]
    [InlineData(BackfillRunState.Paused, false)]
    [InlineData(BackfillRunState.Halted, true)]
    [InlineData(BackfillRunState.Completed, true)]
    [InlineData(BackfillRunState.Aborted, true)]
    [InlineData(BackfillRunState.RolledBack, true)]
    public void A_run_raises_its_review_when_it_ends(BackfillRunState state, bool raised)
    {
        var facts = Gated.Applied with { State = state };
        Assert.Equal(raised ? [BackfillGateName.ApplyReview] : [], GateStanding.All(facts).Select(g => g.Name));
        Assert.Equal(raised, facts.Gate(BackfillGateName.ApplyReview).RaisedAt == facts.StateAt);
    }

    [Fact]
    public void Each_phase_raises_its_own_gate()
    {
        Assert.Equal([BackfillGateName.ApplyReview, BackfillGateName.SoakGoNoGo], GateStanding.All(Gated.Soaked).Select(g => g.Name));
        Assert.Equal([BackfillGateName.ProdApply], GateStanding.All(Gated.Frozen).Select(g => g.Name));
        Assert.Equal(Gated.Soaked.Soak!.EndedAt, Gated.Soaked.Gate(BackfillGateName.SoakGoNoGo).RaisedAt);
        Assert.Equal(Gated.Frozen.CreatedAt, Gated.Frozen.Gate(BackfillGateName.ProdApply).RaisedAt);
    }

    [Fact]
    public void A_gate_that_was_decided_is_shown_though_its_run_goes_on_again()
    {
        var halted = (Gated.Applied with { State = BackfillRunState.Halted }).Approve(BackfillGateName.ApplyReview);
        var gate = Assert.Single(GateStanding.All(halted with { State = BackfillRunState.Running }));
        Assert.Equal((BackfillGateStatus.Invalidated, null), (gate.Status, gate.RaisedAt));
    }

    [Fact]
    public void A_broken_chain_is_reported_by_every_gate_and_nothing_of_it_holds()
    {
        var broken = Gated.Evidence with { Entries = [.. Gated.Evidence.Entries.SkipLast(1)] };
        Assert.All(GateStanding.All(broken), g => Assert.Equal(BackfillGateStatus.Invalidated, g.Status));
        Assert.All(GateStanding.All(broken), g => Assert.Contains("has had 3 decisions, and 2 are there", g.ChainBreak, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Gates))]
    public void Whatever_is_edited_or_missing_in_the_decisions_it_is_reported_and_never_another_error(BackfillGateName name)
    {
        var facts = name == BackfillGateName.ProdApply
            ? Gated.Frozen.Approve(name, Gated.Evidence).Use(name, "this")
            : Gated.Evidence.Use(BackfillGateName.SoakGoNoGo, ApprovalUse.ProdHealth);
        for (var at = 0; at < facts.Count; at++)
        {
            Reports(facts with { Entries = [.. facts.Entries.Where((_, i) => i != at)] });
            foreach (var json in (string[])["null", "{}", "[null]", "7", "[{\"name\": null}]"])
            {
                Reports(facts with { Entries = [.. facts.Entries.Select((e, i) => i == at ? e with { Criteria = json } : e)] });
                Reports(facts with { Entries = [.. facts.Entries.Select((e, i) => i == at ? e with { Evidence = json } : e)] });
                Reports(facts with { Entries = [.. facts.Entries.Select((e, i) => i == at ? e with { OtherEvidence = json } : e)] });
            }

            foreach (var action in Enum.GetValues<GateAction>().Where(a => a != facts.Entries[at].Action))
                Reports(facts with { Entries = [.. facts.Entries.Select((e, i) => i == at ? e with { Action = action } : e)] });
        }

        Reports(facts with { Document = "{", Head = "x" });

        void Reports(GateFacts tampered)
        {
            Assert.NotEmpty(GateStanding.All(tampered));
            Assert.All(GateStanding.All(tampered), g => Assert.NotNull(g.ChainBreak));
            Assert.Equal("GateChainBroken", Gated.Code(() => tampered.Use(name, "that")));
        }
    }
}
