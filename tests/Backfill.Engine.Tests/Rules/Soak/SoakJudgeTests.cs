using Backfill.Engine.Soak.Checks;
using FsCheck;
using FsCheck.Xunit;

namespace Backfill.Engine.Tests.Rules.Soak;

public class SoakJudgeTests
{
    private static readonly Guid[] Some = [Guid.CreateVersion7(), Guid.CreateVersion7()];

    [Fact]
    public void A_healthy_window_passes_on_every_check()
    {
        var sample = Healthy.Judged(Healthy.Facts);
        Assert.Equal(SoakVerdict.Pass, sample.Verdict);
        Assert.All(sample.Checks, c => Assert.Equal(SoakCheckStatus.Pass, c.Status));
        Assert.Equal(0.95, sample.ConversionRate);
        Assert.Equal((20, 20, 20), (sample.TokensTested, sample.TokensAccepted, sample.WrongTokensRefused));
    }

    public static TheoryData<string, SoakFacts> Faults => new()
    {
        { SoakCheckNames.VersionOverrides, Healthy.Facts with { OtherVersions = Some } },
        { SoakCheckNames.EngineOverrideEvents, Healthy.Facts with { OverrideEvents = new(3, Some) } },
        { SoakCheckNames.FcUsage, Healthy.Facts with { LegacyScores = new(3, Some) } },
        { SoakCheckNames.TokenAccess, Healthy.Facts with { Tokens = new(20, Some, [], true) } },
        { SoakCheckNames.TokenAccess, Healthy.Facts with { Tokens = new(20, [], Some, true) } },
        { SoakCheckNames.Scoring, Healthy.Facts with { Unscored = Some } },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void One_fault_fails_exactly_its_check_and_names_exactly_its_sessions(string name, SoakFacts facts)
    {
        var sample = Healthy.Judged(facts);
        var failed = Assert.Single(sample.Checks, c => c.Status != SoakCheckStatus.Pass);
        Assert.Equal((name, SoakCheckStatus.Fail, SoakVerdict.Fail), (failed.Name, failed.Status, sample.Verdict));
        Assert.Equal(Some, failed.SessionIds);
    }

    /// <summary>By hand: over the baseline 0.85 are 5 of 5, 34 of 40, 850 of 1,000; the interval lies under it up to 2 of 5, 29 of 40, 827 of 1,000.</summary>
    [Theory]
    [InlineData(0, 0, SoakVerdict.Inconclusive)]
    [InlineData(0, 1, SoakVerdict.Fail)]
    [InlineData(1, 1, SoakVerdict.Inconclusive)]
    [InlineData(2, 5, SoakVerdict.Fail)]
    [InlineData(3, 5, SoakVerdict.Inconclusive)]
    [InlineData(5, 5, SoakVerdict.Inconclusive)]
    [InlineData(29, 40, SoakVerdict.Fail)]
    [InlineData(30, 40, SoakVerdict.Inconclusive)]
    [InlineData(33, 40, SoakVerdict.Inconclusive)]
    [InlineData(34, 40, SoakVerdict.Pass)]
    [InlineData(39, 39, SoakVerdict.Inconclusive)]
    [InlineData(827, 1000, SoakVerdict.Fail)]
    [InlineData(828, 1000, SoakVerdict.Inconclusive)]
    [InlineData(849, 1000, SoakVerdict.Inconclusive)]
    [InlineData(850, 1000, SoakVerdict.Pass)]
    [InlineData(1000, 1000, SoakVerdict.Pass)]
    public void Conversion_agrees_with_cases_computed_by_hand(long converted, long completed, SoakVerdict verdict)
    {
        var sample = Healthy.Judged(Healthy.Facts with { Completed = completed, Unconverted = Healthy.Sessions(completed - converted) });
        Assert.Equal(verdict, sample.Verdict);
        Assert.Equal(completed == 0 ? null : (double)converted / completed, sample.ConversionRate);
    }

    [Property]
    public void The_rate_is_within_0_and_1_and_more_converted_sessions_never_make_the_verdict_worse(NonNegativeInt size, NonNegativeInt one, NonNegativeInt two)
    {
        var completed = size.Get;
        var (fewer, more) = (Math.Min(one.Get, two.Get) % (completed + 1), 0);
        more = fewer + (Math.Max(one.Get, two.Get) % (completed - fewer + 1));
        var less = Healthy.Judged(Healthy.Facts with { Completed = completed, Unconverted = Healthy.Sessions(completed - fewer) });
        var better = Healthy.Judged(Healthy.Facts with { Completed = completed, Unconverted = Healthy.Sessions(completed - more) });
        Assert.InRange(less.ConversionRate ?? 0, 0, 1);
        Assert.True(Rank(less.Verdict) <= Rank(better.Verdict), $"{fewer} of {completed}: {less.Verdict}; {more}: {better.Verdict}");
    }

    [Fact]
    public void Conversion_is_shown_and_not_judged_before_the_window_s_end()
    {
        var facts = Healthy.Facts with { Completed = 100, Unconverted = Healthy.Sessions(90) };
        var sample = SoakJudge.Judge(Healthy.Soak, Healthy.At(3), facts, Healthy.Taken(2));
        var check = Assert.Single(sample.Checks, c => c.Name == SoakCheckNames.Conversion);
        Assert.Equal((SoakCheckStatus.Inconclusive, SoakVerdict.Pass), (check.Status, sample.Verdict));
        Assert.Contains("Not yet judged", check.Detail, StringComparison.Ordinal);
        Assert.Equal(SoakVerdict.Fail, Healthy.Judged(facts).Verdict);
    }

    [Fact]
    public void Without_the_log_table_its_part_is_not_measured_and_says_so()
    {
        var sample = Healthy.Judged(Healthy.Facts with { OverrideEvents = null });
        Assert.Equal(SoakVerdict.Pass, sample.Verdict);
        Assert.Equal(SoakCheckStatus.NotMeasured, Of(sample, SoakCheckNames.EngineOverrideEvents).Status);
        Assert.Equal(SoakCheckStatus.Pass, Of(sample, SoakCheckNames.VersionOverrides).Status);
        Assert.Contains("NotMeasured", Of(sample, SoakCheckNames.VersionOverrides).Detail, StringComparison.Ordinal);
    }

    public static TheoryData<SoakTokens> TooFewTokens => new()
    {
        new SoakTokens(0, [], [], false),
        new SoakTokens(1, [], [], false),
        new SoakTokens(0, [], [], false, "The role can't act as anon."),
    };

    [Theory]
    [MemberData(nameof(TooFewTokens))]
    public void Tokens_that_could_not_be_tried_are_inconclusive(SoakTokens tokens)
    {
        var sample = Healthy.Judged(Healthy.Facts with { Tokens = tokens });
        Assert.Equal((SoakVerdict.Inconclusive, SoakCheckStatus.Inconclusive), (sample.Verdict, Of(sample, SoakCheckNames.TokenAccess).Status));
    }

    [Fact]
    public void What_failed_once_has_failed()
    {
        var series = Healthy.Taken(1);
        series.Add(SoakJudge.Judge(Healthy.Soak, Healthy.At(2), Healthy.Facts with { Unscored = [Some[0]] }, series));
        series.Add(SoakJudge.Judge(Healthy.Soak, Healthy.At(3), Healthy.Facts with { Unscored = [Some[1]] }, series));
        var sample = SoakJudge.Judge(Healthy.Soak, Healthy.At(4), Healthy.Facts, series);
        Assert.Equal(SoakVerdict.Fail, sample.Verdict);
        Assert.Equal(Some, Of(sample, SoakCheckNames.Scoring).SessionIds);
        Assert.Equal([Some[0]], Of(series.Samples[^1], SoakCheckNames.Scoring).HealedSessionIds);
        Assert.Equal(Some, Of(sample, SoakCheckNames.Scoring).HealedSessionIds);
        Assert.Equal(0, sample.UnscoredSessions);
        Assert.Contains("failed in an earlier sample", Of(sample, SoakCheckNames.Scoring).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_session_that_was_not_looked_at_again_has_not_healed()
    {
        var series = Healthy.Taken(1);
        series.Add(SoakJudge.Judge(
            Healthy.Soak, Healthy.At(2), Healthy.Facts with { Unscored = Some, Tokens = new(20, Some, [], TriedOthers: true) }, series));
        var unseen = Healthy.Facts with { NotMeasured = new Dictionary<string, string> { [SoakCheckNames.Scoring] = "There is no table." } };
        var sample = SoakJudge.Judge(Healthy.Soak, Healthy.At(3), unseen, series);
        Assert.Empty(Of(sample, SoakCheckNames.Scoring).HealedSessionIds);
        // The last sample tried other tokens.
        Assert.Empty(Of(sample, SoakCheckNames.TokenAccess).HealedSessionIds);
        Assert.Equal(Some, Of(sample, SoakCheckNames.TokenAccess).SessionIds);
    }

    [Fact]
    public void A_session_that_goes_wrong_again_has_not_healed()
    {
        var series = Healthy.Taken(1);
        foreach (var (number, unscored) in ((int, Guid[])[])[(2, Some), (3, [])])
            series.Add(SoakJudge.Judge(Healthy.Soak, Healthy.At(number), Healthy.Facts with { Unscored = unscored }, series));
        var sample = SoakJudge.Judge(Healthy.Soak, Healthy.At(4), Healthy.Facts with { Unscored = [Some[1]] }, series);
        Assert.Equal([Some[0]], Of(sample, SoakCheckNames.Scoring).HealedSessionIds);
    }

    [Fact]
    public void A_sample_that_was_not_taken_leaves_the_verdict_open()
    {
        var series = Healthy.Taken(70);
        series.Miss(71, "No answer.");
        var sample = SoakJudge.Judge(Healthy.Soak, Healthy.Last, Healthy.Facts, series);
        Assert.Equal(SoakVerdict.Inconclusive, sample.Verdict);
        Assert.Equal("Not taken: 71. No answer.", Of(sample, SoakCheckNames.Sampling).Detail);
    }

    [Fact]
    public void What_stands_for_a_sample_that_was_not_taken_has_no_figures()
    {
        var sample = SoakJudge.NotTaken(Healthy.Soak, Healthy.At(6), "No answer.", Healthy.Taken(5));
        Assert.Equal(SoakVerdict.Inconclusive, sample.Verdict);
        Assert.Null(sample.VersionOverrides);
        Assert.Null(sample.CompletedSessions);
        Assert.Null(sample.UnscoredSessions);
        Assert.Equal("5 samples", Assert.Single(sample.Checks).Actual);
    }

    [Fact]
    public void A_look_back_is_judged_at_once_and_marked()
    {
        var moment = new SoakMoment(1, Healthy.Start + TimeSpan.FromDays(1), IsLast: true, Retrospective: true);
        var sample = SoakJudge.Judge(Healthy.Soak, moment, Healthy.Facts, new SoakSeries());
        Assert.True(sample.Retrospective);
        Assert.Equal(SoakVerdict.Pass, sample.Verdict);
        Assert.DoesNotContain(sample.Checks, c => c.Name == SoakCheckNames.Sampling);
    }

    private static SoakCheck Of(SoakSample sample, string name) => sample.Checks.Single(c => c.Name == name);

    private static int Rank(SoakVerdict verdict) => verdict switch
    {
        SoakVerdict.Fail => 0,
        SoakVerdict.Inconclusive => 1,
        _ => 2,
    };
}
