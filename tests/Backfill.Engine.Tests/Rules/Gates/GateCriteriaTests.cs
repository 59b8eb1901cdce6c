using Backfill.Engine.Gates;

namespace Backfill.Engine.Tests.Rules.Gates;

/// <summary>What each gate is judged by: all well passes, and each thing that is not fails by itself.</summary>
public class GateCriteriaTests
{
    private static readonly ComparedRow ChangedRow = new(new("618c5ea6-aeda-4084-9156-0aac9643afd3"), "public.profiles", "(618c)");

    public static TheoryData<string, string, string> Failing => new()
    {
        { "State", "Completed", "Halted" },
        { "Settled", "2 of 2 sessions", "1 of 2 sessions" },
        { "Failed", "at most 0", "1" },
        { "NoEffect", "at most 0", "1" },
        { "Unknown", "at most 0", "1" },
        { "ExpectedChanges", "every figure of the plan", "profiles: 1 new rows instead of 2" },
        { "ChangedSince", "no row changed since its session settled", "1 row: public.profiles (618c) of session 618c5ea6-aeda-4084-9156-0aac9643afd3" },
        { "RollbackReady", "an image of every changed row, and no row in conflict", "1 session lacks images" },
        { "RolledBack", "no session", "1 sessions" },
        { "Breaker", "not opened", "opened, times: 1" },
    };

    [Fact]
    public void A_run_that_did_what_its_plan_says_passes_and_shows_everything()
    {
        var gate = Gated.Applied.Gate(BackfillGateName.ApplyReview);
        Assert.True(gate.Passed);
        Assert.Equal(["Plan", .. Failing.Select(f => f.Data.Item1)], gate.Criteria.Select(c => c.Name));
        Assert.All(gate.Criteria, c => Assert.True(c.Passed));
    }

    [Theory]
    [MemberData(nameof(Failing))]
    public void Each_figure_of_a_run_fails_by_itself(string name, string expected, string actual)
    {
        var a = Gated.Applied.Apply;
        var facts = name switch
        {
            "State" => Gated.Applied with { State = BackfillRunState.Halted },
            "Settled" => With(a with { Remaining = 1 }),
            "Failed" => With(a with { Failed = 1 }),
            "NoEffect" => With(a with { NoEffect = 1 }),
            "Unknown" => With(a with { Unknown = 1 }),
            "ExpectedChanges" => With(a with { Changes = [a.Changes[0] with { NewRows = 1 }] }),
            "ChangedSince" => Gated.Applied with { Rows = new(1, 0, [ChangedRow]) },
            "RollbackReady" => With(a with { WithoutImages = 1 }),
            "RolledBack" => With(a with { RolledBack = 1 }),
            _ => With(a with { BreakerOpened = 1 }),
        };
        Gated.OnlyThisFails(facts, BackfillGateName.ApplyReview, name, expected, actual);
    }

    [Fact]
    public void Rows_that_changed_since_are_counted_and_the_first_few_named()
    {
        var facts = Gated.Applied with { Rows = new(5, 4, [ChangedRow, ChangedRow with { Key = "(070d)" }]) };
        Assert.Equal(
            $"5 rows: public.profiles (618c) of session {ChangedRow.SessionId}; public.profiles (070d) of session {ChangedRow.SessionId}; …",
            facts.Criterion(BackfillGateName.ApplyReview, "ChangedSince").Actual);
        Assert.Equal(
            ("4 rows are in conflict, and would stay as they are", (bool?)false), Ready(facts));
        Assert.Equal("1 session lacks images; 1 row is in conflict, and would stay as it is", Ready(facts with
        {
            Apply = facts.Apply with { WithoutImages = 1 },
            Rows = facts.Rows with { InConflict = 1 },
        }).Actual);
        Assert.False(facts.Gate(BackfillGateName.ApplyReview).Passed);
    }

    [Fact]
    public void A_conflict_of_a_session_that_never_settled_is_no_change_since_and_no_rollback_of_all()
    {
        var facts = Gated.Applied with { Rows = new(0, 1, [ChangedRow]) };
        Assert.Equal(("none", (bool?)true), Shown(facts, "ChangedSince"));
        Assert.False(Ready(facts).Passed);
    }

    [Fact]
    public void Rows_that_can_not_be_compared_are_not_measured_and_the_rollback_is_not_ready()
    {
        var facts = Gated.Applied with { Rows = ComparedRows.NotMeasured("the table public.profiles is gone") };
        Assert.Equal(("not measured: the table public.profiles is gone", (bool?)null), Shown(facts, "ChangedSince"));
        Assert.Equal(("not measured: the table public.profiles is gone", (bool?)false), Ready(facts));
        Assert.False(facts.Gate(BackfillGateName.ApplyReview).Passed);
        Assert.Null((facts with { Rows = null }).Criterion(BackfillGateName.ApplyReview, "ChangedSince").Passed);
    }

    [Fact]
    public void Rows_of_the_live_system_are_no_evidence()
    {
        var approved = Gated.Applied.Approve(BackfillGateName.ApplyReview);
        var since = approved with { Rows = new(5, 4, [ChangedRow]) };
        Assert.Equal(BackfillGateStatus.Approved, since.Gate(BackfillGateName.ApplyReview).Status);
        Assert.Equal(approved.Gate(BackfillGateName.ApplyReview).EvidenceHash, since.Gate(BackfillGateName.ApplyReview).EvidenceHash);
    }

    [Theory]
    [InlineData(BackfillRunState.Halted)]
    [InlineData(BackfillRunState.Aborted)]
    [InlineData(BackfillRunState.RolledBack)]
    public void Only_a_completed_run_passes(BackfillRunState state) =>
        Gated.OnlyThisFails(Gated.Applied with { State = state }, BackfillGateName.ApplyReview, "State", "Completed", state.ToString());

    [Theory]
    [InlineData("max_failed", "Failed")]
    [InlineData("max_no_effect", "NoEffect")]
    [InlineData("max_unknown", "Unknown")]
    public void A_plan_may_allow_so_many_and_no_more(string field, string name)
    {
        var plan = Gated.PlanOf(approvals: $"\"{field}\": 2");
        Assert.True(With(plan, name, 2).Gate(BackfillGateName.ApplyReview).Passed);
        Gated.OnlyThisFails(With(plan, name, 3), BackfillGateName.ApplyReview, name, "at most 2", "3");
        // What it allows of one kind it allows of no other.
        foreach (var other in (string[])["Failed", "NoEffect", "Unknown"])
            Assert.Equal(other == name, With(plan, other, 1).Gate(BackfillGateName.ApplyReview).Passed);
    }

    [Theory]
    [InlineData(0, "2 of 2 sessions, a part of the plan's 50")]
    [InlineData(1, "1 of 2 sessions, a part of the plan's 50")]
    public void A_part_of_the_plan_shows_as_one_and_is_not_met(int remaining, string actual)
    {
        var part = With(Gated.Applied.Apply with { Remaining = remaining, PlanTotal = 50 });
        Gated.OnlyThisFails(part, BackfillGateName.ApplyReview, "Settled", "50 of 50 sessions", actual);
        // Who runs parts on purpose says why, and everything after shows it.
        var soaked = Gated.SoakedWell(part.Decide(part.Decision(BackfillGateName.ApplyReview) with { Reason = "a trial" }));
        Assert.Contains("with -Override: a trial", soaked.Criterion(BackfillGateName.SoakGoNoGo, "ApplyReview").Actual, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Failed", 0, 3, "3 (of an earlier run of the plan)")]
    [InlineData("NoEffect", 0, 3, "3 (of an earlier run of the plan)")]
    [InlineData("Unknown", 0, 3, "3 (of an earlier run of the plan)")]
    [InlineData("Failed", 2, 1, "3 (1 of an earlier run of the plan)")]
    public void What_an_earlier_run_left_and_this_one_passed_over_counts_as_what_it_ended_in(string name, int own, int earlier, string actual)
    {
        var a = Gated.Applied.Apply;
        a = name switch
        {
            "Failed" => a with { Failed = own, EarlierFailed = earlier },
            "NoEffect" => a with { NoEffect = own, EarlierNoEffect = earlier },
            _ => a with { Unknown = own, EarlierUnknown = earlier },
        };
        Gated.OnlyThisFails(With(a), BackfillGateName.ApplyReview, name, "at most 0", actual);
        var allowed = Gated.Of(Gated.PlanOf(approvals: "\"max_failed\": 3, \"max_no_effect\": 3, \"max_unknown\": 3")) with { Apply = a };
        Assert.True(allowed.Gate(BackfillGateName.ApplyReview).Passed);
    }

    [Fact]
    public void A_plan_without_expected_figures_has_nothing_to_meet_and_that_is_shown()
    {
        var facts = Gated.Of(Gated.PlanOf(expected: ""));
        facts = facts with { Document = facts.Document.Replace("\"profiles\": {  }", "", StringComparison.Ordinal) };
        facts = facts with { PlanHash = GateChain.HashOf(facts.Document) };
        Assert.Null(facts.Criterion(BackfillGateName.ApplyReview, "ExpectedChanges").Passed);
        Assert.True(facts.Gate(BackfillGateName.ApplyReview).Passed);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{}")]
    public void A_plan_that_can_not_be_read_meets_nothing(string document)
    {
        var facts = Gated.Applied with { Document = document, PlanHash = GateChain.HashOf(document) };
        Assert.False(facts.Criterion(BackfillGateName.ApplyReview, "Plan").Passed);
        Assert.False(facts.Criterion(BackfillGateName.ApplyReview, "ExpectedChanges").Passed);
        Assert.False(facts.Gate(BackfillGateName.ApplyReview).Passed);
    }

    private static (string Actual, bool? Passed) Ready(GateFacts facts) => Shown(facts, "RollbackReady");

    private static (string Actual, bool? Passed) Shown(GateFacts facts, string name)
    {
        var criterion = facts.Criterion(BackfillGateName.ApplyReview, name);
        return (criterion.Actual, criterion.Passed);
    }

    [Fact]
    public void A_review_tells_how_far_the_expected_changes_are_and_fails_on_more_than_all_of_them()
    {
        const BackfillGateName review = BackfillGateName.BatchReview;
        var (good, figures) = (Gated.Reviewed, Gated.Reviewed.Apply);
        var soFar = good.Criterion(review, "ExpectedChanges");
        Assert.Equal(("profiles: 1 of 2 new rows", true), (soFar.Actual, soFar.Passed));
        Assert.Equal("median 40 ms, of 2 calls", good.Criterion(review, "Latency").Actual);

        var more = good with { Apply = figures with { Changes = [figures.Changes[0] with { NewRows = 3 }] } };
        Gated.OnlyThisFails(more, review, "ExpectedChanges", "no figure over the plan's", "profiles: 3 of 2 new rows");
        Gated.OnlyThisFails(good with { Apply = figures with { RolledBack = 1 } }, review, "RolledBack", "no session", "1 sessions");
        Gated.OnlyThisFails(good with { Reviews = [good.Reviews[0] with { Failed = 1 }] }, review, "Failed", "at most 0", "1");
    }

    [Fact]
    public void A_decision_on_one_review_decides_nothing_of_the_next()
    {
        const BackfillGateName review = BackfillGateName.BatchReview;
        var first = Gated.Reviewed.Reviews[0];
        var passed = Gated.Reviewed.Approve(review).Use(review, ApprovalUse.SessionsAfter(1));
        var second = first with { AfterOrdinal = 2, Name = "batch named", Total = 2, Succeeded = 2 };
        var next = passed with { Reviews = [first with { IsPassed = true }, second] };
        Assert.Equal((BackfillGateStatus.Pending, null, true), (next.Gate(review).Status, next.Gate(review).DecidedBy, next.Gate(review).RaisedAt is not null));
        Assert.Equal("GatePending", Gated.Code(() => next.Use(review, ApprovalUse.SessionsAfter(2))));

        // On the way there it is the first that is shown.
        var between = next with { Reviews = [first with { IsPassed = true }, second with { Remaining = 1 }] };
        Assert.Equal((BackfillGateStatus.Used, "the sessions after number 1"), (between.Gate(review).Status, between.Gate(review).UsedFor));
    }

    private static GateFacts With(ApplyFigures figures) => Gated.Applied with { Apply = figures };

    private static GateFacts With(BackfillPlan plan, string name, int count)
    {
        var facts = Gated.Of(plan);
        return facts with
        {
            Apply = name switch
            {
                "Failed" => facts.Apply with { Failed = count },
                "NoEffect" => facts.Apply with { NoEffect = count },
                _ => facts.Apply with { Unknown = count },
            },
        };
    }
}
