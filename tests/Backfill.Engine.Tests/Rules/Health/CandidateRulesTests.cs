using Backfill.Engine.Health;

namespace Backfill.Engine.Tests.Rules.Health;

public class CandidateRulesTests
{
    private static readonly SessionFacts Complete = new(
        Guid.NewGuid(), DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, true, "v1.2.1", true, 36, 12);

    [Fact]
    public void A_session_that_lacks_nothing_is_none_of_ours()
    {
        var judged = CandidateRules.Judge(Complete, "v1.2.1");

        Assert.False(judged.MissingProfile || judged.MissingFcScores || judged.Backfillable);
        Assert.Null(judged.Reason);
    }

    [Theory]
    [InlineData(true, "v1.1.0")]
    [InlineData(true, null)]
    [InlineData(true, "V1.2.1")]
    [InlineData(false, null)]
    public void A_profile_of_another_version_or_of_none_is_missing(bool hasProfile, string? version)
    {
        var judged = CandidateRules.Judge(Complete with { HasProfile = hasProfile, ResultsVersion = version }, "v1.2.1");

        Assert.True(judged is { MissingProfile: true, MissingFcScores: false, Backfillable: true, Reason: null });
        Assert.Equal((hasProfile, version), (judged.HasProfile, judged.ResultsVersion));
    }

    [Theory]
    [InlineData(true, 36, 12, true, null)]
    [InlineData(true, 36, 0, false, CandidateRules.NoFcResponses)]
    [InlineData(true, 0, 12, false, CandidateRules.NoResponses)]
    [InlineData(true, 0, 0, false, CandidateRules.NoResponses)]
    [InlineData(false, 36, 12, true, null)]
    [InlineData(false, 36, 0, false, CandidateRules.NoFcResponses)]
    [InlineData(false, 0, 12, false, CandidateRules.NoResponses)]
    public void It_can_be_backfilled_if_something_of_what_it_lacks_can_be_made(
        bool lacksProfile, int responses, int fcResponses, bool expected, string? reason)
    {
        var judged = CandidateRules.Judge(
            Complete with { HasProfile = !lacksProfile, ResultsVersion = lacksProfile ? null : "v1.2.1", HasFcScores = false, Responses = responses, FcResponses = fcResponses },
            "v1.2.1");

        Assert.Equal((expected, reason), (judged.Backfillable, judged.Reason));
    }

    [Fact]
    public void With_its_scores_a_profile_can_be_made_without_forced_choice_answers() =>
        Assert.True(CandidateRules.Judge(Complete with { HasProfile = false, ResultsVersion = null, FcResponses = 0 }, "v1.2.1").Backfillable);

    [Fact]
    public void A_session_that_was_refused_for_good_is_planned_no_more()
    {
        var candidate = CandidateRules.Judge(Complete with { HasProfile = false, ResultsVersion = null }, "v1.2.1");
        var run = Guid.NewGuid();

        var refused = CandidateRules.Consider(candidate, new Dictionary<Guid, RefusedSession> { [Complete.SessionId] = new(run, "no responses") });

        Assert.Equal((false, $"refused for good in run {run}: no responses"), (refused.Backfillable, refused.Reason));
        Assert.Same(candidate, CandidateRules.Consider(candidate, new Dictionary<Guid, RefusedSession>()));
    }

    [Fact]
    public void Figures_count_all_and_keep_as_many_as_they_are_told()
    {
        var figures = new HealthFigures(mostPlanned: 2, mostListed: 1);
        for (var i = 0; i < 5; i++)
            figures.Add(CandidateRules.Judge(Complete with { SessionId = Guid.NewGuid(), ResultsVersion = "v1.1.0" }, "v1.2.1"));
        for (var i = 0; i < 3; i++)
            figures.Add(CandidateRules.Judge(Complete with { SessionId = Guid.NewGuid(), HasProfile = false, ResultsVersion = null, HasFcScores = false, Responses = 0 }, "v1.2.1"));

        Assert.Equal((5, 3, 8, 3, 5), (figures.NeedingBackfill, figures.NotBackfillable, figures.MissingProfiles, figures.MissingFcScores, figures.OutdatedVersions));
        Assert.Equal((2, 1), (figures.Planned.Count, figures.Listed.Count));
        Assert.Equal(ProdHealthStatus.NeedsBackfill, figures.StatusOf(Reading(analyzed: 9, undated: 0)));
        var none = new HealthFigures(mostPlanned: 1, mostListed: 1);
        Assert.Equal(
            (ProdHealthStatus.Healthy, ProdHealthStatus.NeedsBackfill, ProdHealthStatus.NothingAnalyzed),
            (none.StatusOf(Reading(9, 0)), none.StatusOf(Reading(9, 1)), none.StatusOf(Reading(0, 0))));
    }

    private static HealthReading Reading(long analyzed, long undated) => new(analyzed, DateTimeOffset.UnixEpoch, "", "", undated, []);
}
