using Backfill.Engine.Soak.Checks;

namespace Backfill.Engine.Tests.Soak;

/// <summary>A healthy world passes; one planted fault fails exactly its check and names exactly the planted sessions.</summary>
public sealed class SoakCheckTests(SoakWorld world) : IClassFixture<SoakWorld>, IAsyncLifetime
{
    private IReadOnlyList<Guid> _traffic = [];

    public async ValueTask InitializeAsync()
    {
        await world.FreshAsync();
        _traffic = await world.PlantAsync(60);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_healthy_world_passes()
    {
        var sample = await world.LookBackAsync();
        Assert.All(sample.Checks, c => Assert.True(c.Status == SoakCheckStatus.Pass, c.ToString()));
        Assert.Equal((SoakVerdict.Pass, 60L, 60L, 1.0), (sample.Verdict, sample.CompletedSessions, sample.ConvertedSessions, sample.ConversionRate));
        Assert.True(sample.Retrospective);
        Assert.True(sample.TokensTested > 60);
        Assert.Equal(sample.TokensTested, sample.TokensAccepted);
        Assert.Equal(sample.TokensTested, sample.WrongTokensRefused);
        Assert.InRange(sample.Statements!.Value, 10, 16);
        Assert.InRange(sample.CostMs!.Value, 1, 10_000);
    }

    [Theory]
    [InlineData("results_version = 'v1.1.0'")]
    [InlineData("results_version = null")]
    // Back-dated, as score_prism does, and of a session completed long ago: the latest of the three times counts.
    [InlineData("results_version = 'v1.1.0', created_at = '2025-01-01Z', computed_at = null")]
    [InlineData("results_version = 'v1.1.0', created_at = '2025-01-01Z', updated_at = '2025-01-01Z'")]
    public async Task Profiles_of_another_version(string change)
    {
        var planted = _traffic.Take(2).ToArray();
        await world.ExecuteAsync($"update public.profiles set {change} where session_id = any ($1)", planted);
        Assert.Equal(2, (await FailsAsync(SoakCheckNames.VersionOverrides, planted)).VersionOverrides);
    }

    [Fact]
    public async Task Profiles_of_another_version_that_were_written_before_the_window_are_none_of_its_business()
    {
        await world.ExecuteAsync("update public.profiles set results_version = 'v1.1.0', created_at = $2, updated_at = $2, computed_at = $2 where session_id = any ($1)",
            _traffic.Take(2).ToArray(), world.Since.AddSeconds(-1));
        Assert.Equal(SoakVerdict.Pass, (await world.LookBackAsync()).Verdict);
    }

    [Fact]
    public async Task Events_of_the_engine_that_it_overrode_a_version()
    {
        var planted = _traffic.Take(2).ToArray();
        await world.ExecuteAsync(
            "insert into public.fn_logs (at, evt, payload) select $2, 'engine_version_override', jsonb_build_object('session_id', s) from unnest($1::uuid[]) s",
            planted, world.Since.AddMinutes(20));
        Assert.Equal(2, (await FailsAsync(SoakCheckNames.EngineOverrideEvents, planted)).VersionOverrides);
    }

    [Theory]
    [InlineData("'v1.2', 'legacy'")]
    [InlineData("'v1.1', 'functions'")]
    public async Task Forced_choice_scores_of_another_kind_or_version(string values)
    {
        var planted = _traffic.Take(3).ToArray();
        await world.ExecuteAsync(
            $"insert into public.fc_scores (session_id, version, fc_kind, scores_json, created_at, updated_at) select s, {values}, '{{}}', '2025-01-01Z', $2 from unnest($1::uuid[]) s",
            planted, world.Since.AddMinutes(20));
        Assert.Equal(3, (await FailsAsync(SoakCheckNames.FcUsage, planted)).LegacyFcScores);
    }

    [Theory]
    // The right token is refused.
    [InlineData("s.share_token = p_share_token and not (p.session_id = any ({0}))", 2, 0)]
    // Any token opens the profile.
    [InlineData("(s.share_token = p_share_token or p.session_id = any ({0}))", 0, 2)]
    // Another session's token opens the profile.
    [InlineData("(s.share_token = p_share_token or (p.session_id = any ({0}) and exists (select from public.assessment_sessions o where o.share_token = p_share_token)))", 0, 2)]
    public async Task Tokens_that_are_refused_or_open_too_much(string condition, int refused, int leaked)
    {
        var planted = _traffic.Take(2).ToArray();
        var body = string.Format(null, condition, $"'{{{string.Join(',', planted)}}}'::uuid[]");
        await world.WithAsync(Function(body), Function("s.share_token = p_share_token"), async () =>
        {
            var sample = await FailsAsync(SoakCheckNames.TokenAccess, planted);
            Assert.Equal((refused, leaked), (sample.TokensTested - sample.TokensAccepted, sample.TokensTested - sample.WrongTokensRefused));
        });
    }

    [Fact]
    public async Task Tokens_that_anon_may_not_use_at_all()
    {
        const string function = "public.get_profile_by_session(uuid, text)";
        await world.WithAsync($"revoke execute on function {function} from anon", $"grant execute on function {function} to anon", async () =>
        {
            var sample = await world.LookBackAsync();
            var failed = Assert.Single(sample.Checks, c => c.Status != SoakCheckStatus.Pass);
            Assert.Equal((SoakCheckNames.TokenAccess, SoakCheckStatus.Fail), (failed.Name, failed.Status));
            Assert.Equal(0, sample.TokensAccepted);
        });
    }

    [Fact]
    public async Task Sessions_without_answers_count_against_the_conversion_only()
    {
        // 60 of 80 are 75 %; the interval ends at 83.2 %.
        var planted = await world.PlantAsync(20, scored: false, answered: false);
        var sample = await FailsAsync(SoakCheckNames.Conversion, planted);
        Assert.Equal((80L, 60L, 0.75), (sample.CompletedSessions, sample.ConvertedSessions, sample.ConversionRate));
    }

    [Fact]
    public async Task Sessions_that_nothing_has_scored()
    {
        var planted = await world.PlantAsync(2, scored: false);
        Assert.Equal(2, (await FailsAsync(SoakCheckNames.Scoring, planted)).UnscoredSessions);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("'infinity'")]
    [InlineData("'-infinity'")]
    public async Task Completed_sessions_without_a_time_are_no_pass(string time)
    {
        var planted = await world.PlantAsync(3, scored: false);
        await world.ExecuteAsync($"update public.assessment_sessions set completed_at = {time} where id = any ($1)", planted.ToArray());

        var sample = await world.LookBackAsync();

        var check = Assert.Single(sample.Checks, c => c.Status != SoakCheckStatus.Pass);
        Assert.Equal((SoakCheckNames.CompletionTimes, SoakCheckStatus.Inconclusive, SoakVerdict.Inconclusive), (check.Name, check.Status, sample.Verdict));
        Assert.Equal(planted.Order(), check.SessionIds.Order());
    }

    [Theory]
    [InlineData("updated_at = 'infinity'")]
    [InlineData("created_at = 'infinity', updated_at = 'infinity'")]
    public async Task Rows_of_an_infinite_time_are_of_the_window(string change)
    {
        var planted = _traffic.Take(2).ToArray();
        await world.ExecuteAsync(
            "insert into public.fc_scores (session_id, version, fc_kind, scores_json) select s, 'v0', 'legacy', '{}' from unnest($1::uuid[]) s", planted);
        await world.ExecuteAsync("alter table public.fc_scores disable trigger user");
        await world.ExecuteAsync($"update public.fc_scores set {change} where version = 'v0'");
        await world.ExecuteAsync("alter table public.fc_scores enable trigger user");

        Assert.Equal(2, (await FailsAsync(SoakCheckNames.FcUsage, planted)).LegacyFcScores);
    }

    [Fact]
    public async Task Sessions_within_the_grace_period_are_not_judged()
    {
        await world.PlantAsync(40, DateTimeOffset.UtcNow.AddMinutes(-5), scored: false);
        var sample = await world.LookBackAsync();
        Assert.Equal((SoakVerdict.Pass, 60L), (sample.Verdict, sample.CompletedSessions));
    }

    [Fact]
    public async Task Without_the_log_table_its_part_is_not_measured()
    {
        await world.WithAsync("alter table public.fn_logs rename to fn_logs_away", "alter table public.fn_logs_away rename to fn_logs", async () =>
        {
            var sample = await world.LookBackAsync();
            Assert.Equal(SoakVerdict.Pass, sample.Verdict);
            var check = Assert.Single(sample.Checks, c => c.Status != SoakCheckStatus.Pass);
            Assert.Equal((SoakCheckNames.EngineOverrideEvents, SoakCheckStatus.NotMeasured), (check.Name, check.Status));
        });
    }

    private async Task<SoakSample> FailsAsync(string name, IReadOnlyCollection<Guid> planted)
    {
        var sample = await world.LookBackAsync();
        var failed = Assert.Single(sample.Checks, c => c.Status != SoakCheckStatus.Pass);
        Assert.Equal((name, SoakCheckStatus.Fail, SoakVerdict.Fail), (failed.Name, failed.Status, sample.Verdict));
        Assert.Equal(planted.Order(), failed.SessionIds.Order());
        return sample;
    }

    private static string Function(string condition) => $"""
        create or replace function public.get_profile_by_session(p_session_id uuid, p_share_token text) returns public.profiles
        language sql stable security definer set search_path = ''
        as $$
            select p.* from public.profiles p join public.assessment_sessions s on s.id = p.session_id
            where p.session_id = p_session_id and s.status = 'completed' and {condition}
        $$
        """;
}
