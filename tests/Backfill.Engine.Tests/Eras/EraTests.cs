using Backfill.Engine.Connections;
using Backfill.Engine.Health;
using Backfill.Engine.Plans;
using Backfill.Engine.Soak.Checks;
using Backfill.Engine.Tests.Sandbox;

namespace Backfill.Engine.Tests.Eras;

/// <summary>The flow of a backfill on each version of the real system: connection, run, soak, health, rollback.</summary>
public sealed class EraTests
{
    private static readonly string[] Checks =
    [
        SoakCheckNames.VersionOverrides, SoakCheckNames.EngineOverrideEvents, SoakCheckNames.FcUsage, SoakCheckNames.TokenAccess,
        SoakCheckNames.Scoring, SoakCheckNames.CompletionTimes,
    ];

    [Theory]
    [InlineData("2025-09-17", "get_profile_by_session", "public.scoring_results")]
    [InlineData("2025-09-23", "get_profile_by_session", null)]
    [InlineData("2025-10-04", "get_results_by_session", "public.scoring_results_state", Traits = ["Lane", "full"])]
    public async Task The_flow_goes_from_beginning_to_end_on(string era, string tokenFunction, string? absent)
    {
        await using var world = await EraWorld.StartAsync(era);
        var before = await world.DumpAsync();
        var began = DateTimeOffset.UtcNow.AddMinutes(-1);

        var checks = await world.CheckAsync();
        Assert.All(checks, c => Assert.True(c.Status == BackfillCheckStatus.Passed, c.ToString()));
        Assert.Contains(tokenFunction, checks.Single(c => c.Name == "Soak").Detail, StringComparison.Ordinal);
        Assert.Contains(absent ?? "9 tables", checks.Single(c => c.Name == "Tables").Detail, StringComparison.Ordinal);

        var needing = await NeedingAsync(world);
        var applied = await world.ApplyAsync(EraWorld.PlanOf(world.New));
        Assert.All(applied.Sink.Results, r => Assert.True(r.Outcome == BackfillOutcome.Succeeded, r.ToString()));
        Assert.Equal(3, applied.Run.Succeeded);

        // What its triggers write elsewhere is told beforehand, by name.
        var hasTriggers = era != "2025-10-04";
        Assert.Equal(hasTriggers, applied.Sink.Warnings.Any(w => w.Contains("profiles_statistics_1_totals", StringComparison.Ordinal)));
        var look = await world.Connection.Target.Rollbacks.LookAsync(new(applied.Run.RunId), TestContext.Current.CancellationToken);
        Assert.Equal(hasTriggers, look.OtherWrites?.Contains("refresh_profile_totals", StringComparison.Ordinal) ?? false);
        Assert.DoesNotContain("set_updated_at", look.OtherWrites ?? "", StringComparison.Ordinal);

        var sample = await world.LookBackAsync(began);
        Assert.Equal(Checks, sample.Checks.Where(c => c.Status == SoakCheckStatus.Pass).Select(c => c.Name));
        Assert.True(sample.TokensTested > 3);
        await AssertLeakIsFoundAsync(world, began);

        Assert.Equal(needing - 3, await NeedingAsync(world));

        var undone = await UndoAsync(world, applied.Run.RunId);
        Assert.All(undone.Results, t => Assert.True(t.Verified && t.Conflicts == 0, t.Table));
        Assert.Equal(before, await world.DumpAsync());
    }

    [Fact]
    public async Task A_profile_that_the_deployed_function_does_not_write_is_no_success()
    {
        await using var world = await EraWorld.StartAsync("2025-10-04", asDeployed: true);
        var before = await world.DumpAsync();

        var applied = await world.ApplyAsync(EraWorld.PlanOf(world.New));

        Assert.Equal((0, 3), (applied.Run.Succeeded, applied.Run.NoEffect));
        var prism = (await world.Sandbox.Control.CallsAsync(cancellation: TestContext.Current.CancellationToken))
            .Where(c => c is { Function: "score_prism", SessionId: not null });
        Assert.All(prism, c => Assert.Equal(200, c.Status));
        Assert.Equal((0L, 3L), (await CountAsync(world, "profiles"), await CountAsync(world, "scoring_results")));
        var undone = await UndoAsync(world, applied.Run.RunId);
        Assert.Equal(3, undone.Results.Single(t => t.Table == "public.scoring_results").Deleted);
        Assert.Equal(before, await world.DumpAsync());
    }

    [Fact]
    public async Task What_a_target_lacks_is_not_measured_and_keeps_no_soak_from_running()
    {
        await using var world = await EraWorld.StartAsync("2025-10-04");
        await AssertUnmeasuredAsync(world, SoakCheckNames.TokenAccess, tokenSample: 0);
        // It refuses a wrong token with an error, as many functions do.
        await world.ExecuteAsync("""
            alter function public.get_results_by_session(uuid, text) rename to read_results;
            create function public.get_results_by_session(p_session_id uuid, p_share_token text) returns jsonb
            language plpgsql stable security definer set search_path = '' as $$
            declare
                results jsonb = public.read_results(p_session_id, p_share_token);
            begin
                if results is null then
                    raise exception 'invalid token';
                end if;
                return results;
            end $$;
            grant execute on function public.get_results_by_session(uuid, text) to anon
            """);
        var strict = (await LookAsync(world)).Checks.Single(c => c.Name == SoakCheckNames.TokenAccess);
        Assert.True(strict.Status == SoakCheckStatus.Pass, strict.ToString());
        // Another function that takes a token does as well.
        await world.ExecuteAsync("drop function public.get_results_by_session(uuid, text), public.get_results_v2(uuid, text)");
        var other = (await LookAsync(world)).Checks.Single(c => c.Name == SoakCheckNames.TokenAccess);
        Assert.True(other.Status == SoakCheckStatus.Pass, other.ToString());
        Assert.Contains("read_results", other.Detail, StringComparison.Ordinal);
        await world.ExecuteAsync("drop function public.read_results(uuid, text)");
        await AssertUnmeasuredAsync(world, SoakCheckNames.TokenAccess);
        await world.ExecuteAsync("alter table public.fc_scores drop column updated_at, drop column created_at cascade");
        await AssertUnmeasuredAsync(world, SoakCheckNames.FcUsage);
        await world.ExecuteAsync("alter table public.profiles drop column created_at, drop column updated_at, drop column computed_at");
        await AssertUnmeasuredAsync(world, SoakCheckNames.VersionOverrides);

        var soak = (await world.CheckAsync()).Single(c => c.Name == "Soak");
        Assert.Equal(BackfillCheckStatus.Warning, soak.Status);
        foreach (var name in (string[])[SoakCheckNames.TokenAccess, SoakCheckNames.FcUsage, SoakCheckNames.VersionOverrides])
            Assert.Contains($"{name} can't be measured", soak.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_write_that_is_refused_is_passed_over_and_an_unscored_session_is_refused()
    {
        await using var world = await EraWorld.StartAsync("2025-09-23");
        var (functions, session) = (world.Sandbox.Functions, world.New[0]);
        var unscored = await functions.CallAsync("score_prism", new { session_id = session }, TestContext.Current.CancellationToken);
        Assert.Equal((500, "fc_scores_missing"), (unscored.Status, unscored.Text("error")));

        await functions.CallAsync("score_fc_session", new { session_id = session }, TestContext.Current.CancellationToken);
        await world.ExecuteAsync("alter table public.profiles add check (session_id <> '618c5ea6-aeda-4084-9156-0aac9643afd3') not valid");
        var scored = await functions.CallAsync("score_prism", new { session_id = session }, TestContext.Current.CancellationToken);

        Assert.Equal((200, "success"), (scored.Status, scored.Text("status")));
        Assert.Equal((0L, 1L), (await CountAsync(world, "profiles"), await CountAsync(world, "scoring_results")));
    }

    private static async Task AssertLeakIsFoundAsync(EraWorld world, DateTimeOffset since)
    {
        await world.Sandbox.Control.StartTrafficAsync(new SandboxTrafficOrder(1) { BrokenTokens = true }, TestContext.Current.CancellationToken);
        var leaking = (await world.LookBackAsync(since)).Checks.Single(c => c.Name == SoakCheckNames.TokenAccess);
        await world.Sandbox.Control.StopTrafficAsync(TestContext.Current.CancellationToken);
        Assert.True(leaking.Status == SoakCheckStatus.Fail, leaking.ToString());
        Assert.Contains(SoakCheckNames.TokenAccess, (await world.LookBackAsync(since)).Checks.Where(c => c.Status == SoakCheckStatus.Pass).Select(c => c.Name));
    }

    private static async Task<int> NeedingAsync(EraWorld world)
    {
        var health = await new HealthPhase(world.Connection, TimeProvider.System).CheckAsync(
            new()
            {
                Query = new(PlanBatch.DefaultSince, null, HealthDefaults.EngineVersion, HealthDefaults.FcVersion, null, TimeSpan.FromSeconds(30)),
                OutputPath = EraWorld.NewFolder(),
            },
            _ => { },
            TestContext.Current.CancellationToken);
        return health.NeedingBackfill;
    }

    private static Task<SoakSample> LookAsync(EraWorld world, int? tokenSample = null) =>
        world.LookBackAsync(DateTimeOffset.UtcNow.AddMinutes(-10), tokenSample);

    private static async Task AssertUnmeasuredAsync(EraWorld world, string name, int? tokenSample = null)
    {
        var sample = await LookAsync(world, tokenSample);
        var check = sample.Checks.Single(c => c.Name == name);
        Assert.True(check.Status == SoakCheckStatus.NotMeasured, check.ToString());
        Assert.Equal(SoakVerdict.Inconclusive, sample.Verdict);
    }

    private static Task<RollbackDone> UndoAsync(EraWorld world, Guid runId) => world.Connection.Target.Rollbacks.UndoAsync(
        new(Guid.CreateVersion7(), new(runId), BackfillConflictRule.Stop, "tester@here", "a test"), TestContext.Current.CancellationToken);

    private static Task<long> CountAsync(EraWorld world, string table) =>
        world.ScalarAsync<long>($"select count(*) from public.{table} where session_id = any ($1)", world.New);
}
