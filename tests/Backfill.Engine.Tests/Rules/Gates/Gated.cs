using System.Text;
using Backfill.Engine.Gates;
using Backfill.Engine.Ledger;
using Backfill.Engine.Plans;
using Backfill.Engine.Soak.Checks;
using Backfill.Engine.Tests.Rules.Soak;

namespace Backfill.Engine.Tests.Rules.Gates;

/// <summary>Ledgers of runs at their gates, as they would be read; and decisions on them.</summary>
internal static class Gated
{
    public const string Starter = "ann@north";

    public const string StarterRole = "ann_role";

    /// <summary>Whose decisions are taken here: nobody that started anything.</summary>
    public const string Decider = "bob@south";

    public static readonly DateTimeOffset Now = new(2025, 9, 18, 12, 0, 0, TimeSpan.Zero);

    public static readonly BackfillPlan Plan = PlanOf();

    private static readonly ActualTableChange TwoProfiles = new(
        "public.profiles", new Dictionary<string, string?> { ["results_version"] = "v1.2.1", ["kind"] = "full" }, 2, 0, 0);

    /// <summary>A completed staging run of two sessions that has done what its plan expects.</summary>
    public static GateFacts Applied { get; } = Of(Plan);

    /// <summary>The same, approved, soaked for six hours and well.</summary>
    public static GateFacts Soaked { get; } = SoakedWell(Applied.Approve(BackfillGateName.ApplyReview));

    /// <summary>A run of two sessions that waits for a review after the first.</summary>
    public static GateFacts Reviewed { get; } = Of(Plan) with
    {
        State = BackfillRunState.Paused,
        Apply = Figures with { Succeeded = 1, Remaining = 1, Changes = [TwoProfiles with { NewRows = 1 }] },
        Rows = null,
        Reviews = [new(1, "1 session", false, 1, 1, 0, 0, 0, 0, 0, true, Now.AddHours(-1), "sessions", "images", 40, 2)],
    };

    /// <summary>A production run that has been frozen, and whose sessions all need it.</summary>
    public static GateFacts Frozen { get; } = Of(PlanOf("production")) with
    {
        Environment = BackfillEnvironment.Production,
        State = BackfillRunState.Pending,
        Apply = Figures with { Succeeded = 0, Remaining = 2, Changes = [] },
        Rows = null,
        Health = new(Now.AddMinutes(-1), 2, 2, 0, 0),
    };

    /// <summary>A staging run that was approved at both its gates.</summary>
    public static GateFacts Evidence { get; } = Soaked.Approve(BackfillGateName.SoakGoNoGo);

    private static ApplyFigures Figures => new(2, 2, 0, 0, 0, 0, 0, 0, 0, 0, "list", "sessions", "images", [TwoProfiles]) { PlanTotal = 2 };

    public static BackfillPlan PlanOf(
        string environment = "staging", string approvals = "", string expected = "\"new_rows\": 2, \"results_version\": \"v1.2.1\"", string engine = "v1.2.1")
    {
        var reading = new PlanReader().Read(Encoding.UTF8.GetBytes($$$"""
            {
              "backfill_plan": {
                "version": "v1.0", "timestamp": "2025-09-17T08:00:00Z", "environment": "{{{environment}}}",
                "engine_version": "{{{engine}}}", "fc_version": "v1.2",
                "throttle_per_minute": 20, "batch_size": 5, "total_candidates": 2, "expected_runtime_minutes": 1
              },
              "batches": [{
                "batch_id": "named", "description": "",
                "sessions": ["618c5ea6-aeda-4084-9156-0aac9643afd3", "070d9bf2-516f-44ee-87fc-017c7db9d29c"],
                "operations": [{"function": "score_prism", "params": {"engine_version": "{{{engine}}}"}}]
              }],
              "expected_changes": {"profiles": { {{{expected}}} }},
              "approvals": { {{{approvals}}} }
            }
            """), "test.json");
        return reading.Plan ?? throw new InvalidOperationException(string.Join('\n', reading.Problems));
    }

    /// <summary>A completed staging run of a plan.</summary>
    public static GateFacts Of(BackfillPlan plan) => new()
    {
        RunId = new("0190aaaa-0000-7000-8000-000000000001"),
        Environment = BackfillEnvironment.Staging,
        State = BackfillRunState.Completed,
        Document = plan.GetDocument(),
        PlanHash = plan.Hash,
        ModuleVersion = ModuleInfo.Version,
        CreatedAt = Now.AddDays(-1),
        StateAt = Now.AddHours(-20),
        Starters = [new(Starter, StarterRole)],
        Entries = [],
        Count = 0,
        Now = Now,
        DatabaseRole = "bob_role",
        Apply = Figures,
        Rows = new(0, 0, []),
        SoakIds = [],
    };

    /// <summary>The approval used for a soak, which has ended well.</summary>
    public static GateFacts SoakedWell(GateFacts facts)
    {
        var soak = SoakOf(Healthy.Facts);
        var used = facts.Use(BackfillGateName.ApplyReview, ApprovalUse.Name(soak.Soak.SoakId));
        return used with { Soak = soak, SoakIds = [soak.Soak.SoakId] };
    }

    /// <summary>An ended soak whose last look found this.</summary>
    public static SoakFigures SoakOf(SoakFacts found)
    {
        var last = Healthy.Judged(found);
        return new(
            Healthy.Soak with { Ending = new(last.Verdict) }, Now.AddHours(-1), Healthy.Soak.Window.Samples, "samples", last);
    }

    public static BackfillGate Gate(this GateFacts facts, BackfillGateName name) => GateStanding.Of(facts, name);

    public static BackfillGateCriterion Criterion(this GateFacts facts, BackfillGateName name, string criterion) =>
        facts.Gate(name).Criteria.Single(c => c.Name == criterion);

    /// <summary>A decision on a gate as it stands, whatever stands.</summary>
    public static GateDecision Decision(this GateFacts facts, BackfillGateName name, bool approve = true) => new()
    {
        Seen = facts.Gate(name),
        Approve = approve,
        ReplacesDecision = true,
        Reason = "a test",
        Override = true,
        Operator = Decider,
    };

    public static GateFacts Decide(this GateFacts facts, GateDecision decision, GateFacts? staging = null) => facts.Add(
        DecisionRules.Judge(facts, decision, staging is null ? null : new(staging, "there")).Entry);

    public static GateFacts Approve(this GateFacts facts, BackfillGateName name, GateFacts? staging = null) =>
        facts.Decide(facts.Decision(name), staging);

    public static GateFacts Deny(this GateFacts facts, BackfillGateName name) => facts.Decide(facts.Decision(name, approve: false));

    public static GateFacts Use(this GateFacts facts, BackfillGateName name, string usedFor) =>
        DecisionRules.Use(facts, name, usedFor) is { } entry ? facts.Add(entry) : facts;

    /// <summary>The ledger once an entry has been added, as the store adds it.</summary>
    public static GateFacts Add(this GateFacts facts, GateEntry entry)
    {
        var next = GateChain.Next(entry, facts.Count, facts.Head);
        return facts with { Entries = [.. facts.Entries, next], Count = next.Sequence, Head = next.Hash };
    }

    /// <summary>The same ledger, with other figures of its gate's evidence than were there before.</summary>
    public static GateFacts Changed(this GateFacts facts, BackfillGateName name) => name switch
    {
        BackfillGateName.BatchReview => facts with { Reviews = [.. facts.Reviews.Select(r => r with { SessionsDigest = "other sessions" })] },
        BackfillGateName.ApplyReview => facts with { Apply = facts.Apply with { SessionsDigest = "other sessions" } },
        BackfillGateName.SoakGoNoGo => facts with { Soak = facts.Soak! with { SamplesDigest = "other samples" } },
        _ => facts with { Health = facts.Health! with { MeasuredAt = facts.Health.MeasuredAt.AddSeconds(1) } },
    };

    /// <summary>The ledger at which a gate is raised, and undecided.</summary>
    public static GateFacts Raised(BackfillGateName name) => name switch
    {
        BackfillGateName.ApplyReview => Applied,
        BackfillGateName.BatchReview => Reviewed,
        BackfillGateName.SoakGoNoGo => Soaked,
        _ => Frozen,
    };

    public static string Code(Action act)
    {
        try
        {
            act();
            return "";
        }
        catch (BackfillException e)
        {
            return e.Code;
        }
    }

    /// <summary>Of a gate's criteria this one fails, and no other; so it is approved with an override only.</summary>
    public static void OnlyThisFails(GateFacts facts, BackfillGateName gate, string name, string expected, string actual)
    {
        var shown = facts.Gate(gate);
        Assert.False(shown.Passed);
        var failed = Assert.Single(shown.Criteria, c => c.Passed == false);
        Assert.Equal((name, expected, actual), (failed.Name, failed.Expected, failed.Actual));
        Assert.Equal("GateCriteriaFailed", Code(() => facts.Decide(facts.Decision(gate) with { Override = false })));
    }
}
