using Backfill.Engine.Gates;

namespace Backfill.Engine.Tests.Rules.Gates;

/// <summary>Every gate in every state, and everything that can be wanted of it.</summary>
public class GateRulesTests
{
    private const string NotRaised = "NotRaised";
    private const string ChainBroken = "ChainBroken";

    /// <summary>What each request comes to: Approve, ApproveSeen, Deny, DenySeen, Start; empty where it goes through.</summary>
    private static readonly Dictionary<string, string[]> Table = new()
    {
        ["Pending"] = ["", "", "", "", "GatePending"],
        ["Approved"] = ["GateApproved", "", "GateApproved", "", ""],
        ["Used"] = ["GateUsed", "", "GateUsed", "GateUsed", "GateUsed"],
        ["Denied"] = ["GateDenied", "", "GateDenied", "GateDenied", "GateDenied"],
        ["Expired"] = ["", "", "", "", "GateExpired"],
        ["Invalidated"] = ["", "", "", "", "GateInvalidated"],
        [NotRaised] = ["GateNotRaised", "GateNotRaised", "GateNotRaised", "GateNotRaised", "GateNotRaised"],
        [ChainBroken] = ["GateChainBroken", "GateChainBroken", "GateChainBroken", "GateChainBroken", "GateChainBroken"],
    };

    public static TheoryData<BackfillGateName, string, GateRequest, string> Pairs
    {
        get
        {
            var pairs = new TheoryData<BackfillGateName, string, GateRequest, string>();
            foreach (var gate in Enum.GetValues<BackfillGateName>())
            {
                foreach (var (state, outcomes) in Table)
                {
                    foreach (var (request, outcome) in Enum.GetValues<GateRequest>().Zip(outcomes))
                        pairs.Add(gate, state, request, outcome);
                }
            }

            return pairs;
        }
    }

    [Fact]
    public void The_table_has_every_status_and_every_request()
    {
        Assert.Equal([.. Enum.GetNames<BackfillGateStatus>(), NotRaised, ChainBroken], Table.Keys);
        Assert.All(Table.Values, outcomes => Assert.Equal(Enum.GetValues<GateRequest>().Length, outcomes.Length));
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Only_the_allowed_goes_through(BackfillGateName name, string state, GateRequest request, string code)
    {
        var facts = At(name, state);
        if (Enum.TryParse<BackfillGateStatus>(state, out var status))
            Assert.Equal(status, facts.Gate(name).Status);

        var came = Gated.Code(() =>
        {
            var after = Ask(facts, name, request);
            Assert.Equal(facts.Count + 1, after.Count);
            Assert.Equal(
                request switch
                {
                    GateRequest.Start => BackfillGateStatus.Used,
                    GateRequest.Approve or GateRequest.ApproveSeen => BackfillGateStatus.Approved,
                    _ => BackfillGateStatus.Denied,
                },
                after.Gate(name).Status);
            Assert.Null(after.Gate(name).ChainBreak);
        });

        Assert.Equal(code, came);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void A_refusal_to_start_names_the_gate_its_criteria_and_the_command_that_decides_it(
        BackfillGateName name, string state, GateRequest request, string code)
    {
        if (request != GateRequest.Start || code is "" or "GateNotRaised" or "GateChainBroken")
            return;
        var facts = At(name, state);
        var refusal = Assert.Throws<BackfillException>(() => Ask(facts, name, request));

        Assert.Contains($"{name} of run {facts.RunId}", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Criteria: ", refusal.Message, StringComparison.Ordinal);
        Assert.All(
            facts.Gate(name).Criteria.Where(c => c.Passed == false),
            c => Assert.Contains($"{c.Name}: {c.Actual} (expected: {c.Expected})", refusal.Message, StringComparison.Ordinal));
        Assert.Contains("Confirm-BackfillGate", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(BackfillErrorKind.Refused, refusal.Kind);
        Assert.Equal(name, Assert.IsType<BackfillGate>(refusal.TargetObject).Name);
    }

    [Fact]
    public void A_command_that_would_be_refused_without_an_override_says_so()
    {
        var good = Gated.Applied;
        var halted = good with { State = BackfillRunState.Halted };
        const string Caution = "(it takes -Override: a criterion is not met)";

        Assert.DoesNotContain(Caution, Refused(good), StringComparison.Ordinal);
        Assert.Contains(Caution, Refused(halted), StringComparison.Ordinal);
        // Of a run that halted, the first thing is to fix it: no override is offered for that.
        var raised = GateText.Raised(halted.Gate(BackfillGateName.ApplyReview), BackfillRunState.Halted);
        Assert.DoesNotContain("-Override", raised, StringComparison.Ordinal);
        Assert.Contains("Fix what halted the run and resume it first", raised, StringComparison.Ordinal);

        static string Refused(GateFacts facts) =>
            Assert.Throws<BackfillException>(() => Ask(facts, BackfillGateName.ApplyReview, GateRequest.Start)).Message;
    }

    /// <summary>The ledger at which a gate has come to that.</summary>
    private static GateFacts At(BackfillGateName name, string state)
    {
        var raised = Gated.Raised(name);
        return state switch
        {
            "Pending" => raised,
            "Approved" => raised.Approve(name),
            "Denied" => raised.Deny(name),
            "Used" => WithSoak(raised.Approve(name).Use(name, ApprovalUse.Name(Used)), name),
            "Expired" => raised.Approve(name) with { Now = Gated.Now + GateService.DefaultExpiry },
            "Invalidated" => raised.Approve(name).Changed(name),
            ChainBroken => raised.Deny(name) with { Head = "of something else" },
            _ => name switch
            {
                BackfillGateName.ApplyReview => raised with { State = BackfillRunState.Running },
                BackfillGateName.BatchReview => raised with { Reviews = [raised.Reviews[0] with { Remaining = 1 }] },
                BackfillGateName.SoakGoNoGo => raised with { Soak = raised.Soak! with { EndedAt = null } },
                _ => raised with { Environment = BackfillEnvironment.Staging },
            },
        };
    }

    private static readonly Guid Used = Guid.CreateVersion7();

    private static GateFacts WithSoak(GateFacts facts, BackfillGateName name) =>
        name == BackfillGateName.ApplyReview ? facts with { SoakIds = [Used] } : facts;

    private static GateFacts Ask(GateFacts facts, BackfillGateName name, GateRequest request) => request == GateRequest.Start
        ? facts.Use(name, ApprovalUse.Name(Guid.CreateVersion7()))
        : facts.Decide(facts.Decision(name, request is GateRequest.Approve or GateRequest.ApproveSeen) with
        {
            ReplacesDecision = request is GateRequest.ApproveSeen or GateRequest.DenySeen,
        });
}
