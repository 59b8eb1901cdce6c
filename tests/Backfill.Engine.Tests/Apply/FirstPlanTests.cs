using System.Text.Json;
using Backfill.Engine.Apply;
using Backfill.Engine.Connections;
using Backfill.Engine.Plans;

namespace Backfill.Engine.Tests.Apply;

/// <summary>The 39-session plan, on a sandbox of its own, in order.</summary>
public abstract class FirstPlan(ApplyWorld world)
{
    [Fact]
    public async Task The_first_plan_is_previewed_applied_verified_and_kept()
    {
        var plan = new PlanReader().Read(Path.Combine(TestRepository.Root, "plans", "backfill_apply.plan.json")).Plan!;
        var request = new ApplyRequest { Plan = plan, OutputPath = ApplyWorld.NewFolder(), ThrottlePerMinute = 60_000 };
        var phase = new ApplyPhase(world.Connection, TimeProvider.System);

        var preview = await phase.PreviewAsync(request, CancellationToken.None);
        Assert.Equal(39 + 13, preview.Calls.Count);
        Assert.Equal(0, await world.ScalarAsync<long>("select count(*) from backfill.run"));
        Assert.Empty(await world.Sandbox.Control.CallsAsync());

        var applied = await world.ApplyAsync(request);
        Assert.Equal(BackfillRunState.Completed, applied.Run.State);
        Assert.Equal((39, 39, 0), (applied.Run.Total, applied.Run.Succeeded, applied.Run.Remaining));
        Assert.Equal(39, applied.Sink.Results.Select(r => r.SessionId).Distinct().Count());
        Assert.True(applied.End.VerificationMet);
        Assert.Equal(39, await world.ScalarAsync<long>(
            """
            select count(*) from backfill.plan_session s
            join public.fc_scores f on f.session_id = s.session_id and f.version = 'v1.2' and f.fc_kind = 'functions'
            join public.profiles p on p.session_id = s.session_id and p.results_version = 'v1.2.1'
            """));

        await TheServerSawTheCallsThatWereAnnounced(preview.Calls);
        TheArtifactsSayWhatHappened(applied);
        await TheSamePlanMeansTheSameSessionsLater(plan, preview.Calls);
    }

    private async Task TheServerSawTheCallsThatWereAnnounced(IReadOnlyList<BackfillPlannedCall> planned)
    {
        var calls = await world.Sandbox.Control.CallsAsync();
        Assert.Equal(
            planned.Select(c => $"{c.SessionId} {c.Function}").Order(StringComparer.Ordinal),
            calls.Where(c => c.Method == "POST").Select(c => $"{c.SessionId} {c.Function}").Order(StringComparer.Ordinal));
        Assert.DoesNotContain(calls, c => c.Params is not null && c.Params.ContainsKey("if_missing"));
        Assert.Equal(planned.Count, await world.ScalarAsync<long>("select count(*) from backfill.operation where sent_at is not null"));
    }

    private static void TheArtifactsSayWhatHappened(ApplyOutcome applied)
    {
        var json = JsonDocument.Parse(File.ReadAllText(
            Path.Combine(applied.OutputPath, "backfill_logs", "execution_results.json"))).RootElement;
        Assert.Equal(39, json.GetProperty("total_sessions").GetInt32());
        Assert.Equal(39, json.GetProperty("successful_sessions").GetInt32());
        Assert.Equal(applied.Run.RunId, json.GetProperty("run_id").GetGuid());
        var verification = json.GetProperty("verification");
        Assert.True(verification.GetProperty("met").GetBoolean());
        Assert.Equal(
            ["fc_scores 39", "profiles 13"],
            verification.GetProperty("tables").EnumerateArray().Select(t =>
                $"{t.GetProperty("table").GetString()} {t.GetProperty("new_rows").GetProperty("actual").GetInt32()}"));
        foreach (var batch in new[] { "priority", "recent_september", "august_backlog" })
            Assert.Contains(applied.End.Artifacts, a => Path.GetFileName(a) == $"batch_{batch}.json" && File.Exists(a));
        Assert.Contains("Completed", File.ReadAllText(Path.Combine(applied.OutputPath, "backfill_summary.md")), StringComparison.Ordinal);
    }

    private async Task TheSamePlanMeansTheSameSessionsLater(BackfillPlan plan, IReadOnlyList<BackfillPlannedCall> planned)
    {
        // Nothing needs the plan any more, and still it means the sessions it meant first.
        var again = await world.Connection.Target.Ledger.ResolveAsync(plan, Footprint.For(plan), CancellationToken.None);
        Assert.True(again.WasFrozen);
        Assert.Equal(
            planned.Select(c => c.SessionId).Distinct(), again.Sessions.Select(s => s.SessionId));
    }
}

public sealed class FirstPlanTests(ApplyWorld world) : FirstPlan(world), IClassFixture<ApplyWorld>;

public sealed class FirstPlanThroughPoolerTests(PooledWorld world) : FirstPlan(world), IClassFixture<PooledWorld>;
