using Backfill.Engine.Apply;
using Backfill.Engine.Connections;
using Backfill.Engine.Plans;
using Backfill.Engine.Tests.Sandbox;
using Backfill.TestWorker;
using Npgsql;

namespace Backfill.Engine.Tests.Apply;

/// <summary>What counts as success, and what is refused. Each test takes sessions of its own.</summary>
public abstract class ApplyTruth(ApplyWorld world)
{
    [Fact]
    public async Task A_session_without_fc_responses_ends_without_effect()
    {
        var session = await world.ScalarAsync<Guid>(SandboxSessions.WithoutFcResponses);
        var applied = await world.ApplyAsync(ApplyWorld.PlanOf(session));
        Assert.Equal(BackfillOutcome.NoEffect, applied.Of(session).Outcome);
        Assert.Equal((0, 1), (applied.Run.Succeeded, applied.Run.NoEffect));
    }

    [Fact]
    public async Task A_session_without_responses_fails_validation()
    {
        var session = await world.ScalarAsync<Guid>(SandboxSessions.WithoutResponses);
        var applied = await world.ApplyAsync(ApplyWorld.PlanOf(session));
        var result = applied.Of(session);
        Assert.Equal((BackfillOutcome.Failed, BackfillCategory.Validation), (result.Outcome, result.Category));
        Assert.Contains("no responses", result.Reason, StringComparison.Ordinal);
        Assert.Equal((0, 1), (applied.Run.Succeeded, applied.Run.Failed));
    }

    [Fact]
    public async Task The_stored_result_is_the_reported_one()
    {
        var session = SandboxSessions.Named[0];
        var applied = await world.ApplyAsync(ApplyWorld.PlanOf(session));
        var stored = await world.Runs.ReadSessionsAsync(applied.Run.RunId, null, CancellationToken.None).SingleAsync();
        var reported = applied.Of(session);
        Assert.Equal(
            (reported.Outcome, reported.Attempts, reported.RowsInserted, reported.RowsUpdated, reported.StartedAt, reported.Duration),
            (stored.Outcome, stored.Attempts, stored.RowsInserted, stored.RowsUpdated, stored.StartedAt, stored.Duration));
        Assert.Equal(2, stored.Attempts);
        Assert.Equal(["score_fc_session Succeeded", "score_prism Succeeded"], stored.Operations.Select(o => o.ToString()));
    }

    [Fact]
    public async Task The_before_image_is_the_exact_text_of_the_row_before_the_first_call()
    {
        var session = await world.ScalarAsync<Guid>(
            "select session_id from public.profiles p where exists (select from public.fc_scores f where f.session_id = p.session_id) order by 1 limit 1");
        const string Text = "select t::text from public.profiles t where session_id = $1";
        await using var connection = new NpgsqlConnection(world.Sandbox.Info.ConnectionString + ";Timezone=UTC");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(Text, connection) { Parameters = { new() { Value = session } } };
        var before = (string)(await command.ExecuteScalarAsync())!;

        var applied = await world.ApplyAsync(ApplyWorld.PlanOf(session));
        var image = await world.ScalarAsync<string>(
            "select before_record from backfill.image where run_id = $1 and table_name = 'public.profiles'", applied.Run.RunId);
        Assert.Equal(before, image);
        Assert.True(applied.Of(session).RowsUpdated > 0);
        Assert.Equal(1, await world.ScalarAsync<long>(
            """
            select count(*) from backfill.image i
            join public.profiles t on t.session_id = i.session_id and t.xmin::text = i.after_version
            where i.run_id = $1 and i.table_name = 'public.profiles' and i.after_version <> i.before_version
            """,
            applied.Run.RunId));
    }

    [Fact]
    public async Task A_session_that_another_run_has_in_hand_is_refused_by_name_of_that_run()
    {
        var session = SandboxSessions.Named[1];
        var ledger = world.Connection.Target.Ledger;
        var plan = ApplyWorld.PlanOf(session);
        var footprint = Footprint.For(plan);
        var resolution = await ledger.ResolveAsync(plan, footprint, CancellationToken.None);
        var first = Guid.CreateVersion7();
        await ledger.FreezeAsync(
            new(first, plan, footprint, resolution, null, ApplyWorld.Settings, BackfillReprocess.None, "tester@here"),
            CancellationToken.None);

        var refused = await Assert.ThrowsAsync<BackfillException>(() => world.ApplyAsync(ApplyWorld.PlanOf(session)));
        Assert.Equal(("SessionBusy", first), (refused.Code, (Guid)refused.TargetObject!));
        Assert.Contains("tester@here", refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, await world.ScalarAsync<long>("select count(*) from backfill.item where session_id = $1", session));
    }

    [Fact]
    public async Task A_frozen_run_is_worked_on_by_its_id()
    {
        var session = SandboxSessions.Named[2];
        var ledger = world.Connection.Target.Ledger;
        var plan = ApplyWorld.PlanOf(session);
        var footprint = Footprint.For(plan);
        var runId = Guid.CreateVersion7();
        await ledger.FreezeAsync(
            new(runId, plan, footprint, await ledger.ResolveAsync(plan, footprint, CancellationToken.None), null, ApplyWorld.Settings, BackfillReprocess.None, "tester@here"),
            CancellationToken.None);
        var applied = await world.ApplyAsync(new ApplyRequest { RunId = runId, OutputPath = ApplyWorld.NewFolder() });
        Assert.Equal((runId, BackfillRunState.Completed, 1), (applied.Run.RunId, applied.Run.State, applied.Run.Succeeded));
    }

    [Fact]
    public async Task A_plan_of_another_environment_is_refused_and_nothing_is_written()
    {
        var plan = ApplyWorld.PlanOf(SandboxSessions.Named[3]) with { Environment = BackfillEnvironment.Production };
        var runs = await world.ScalarAsync<long>("select count(*) from backfill.run");
        var refused = await Assert.ThrowsAsync<BackfillException>(() => world.ApplyAsync(plan));
        Assert.Equal("EnvironmentMismatch", refused.Code);
        Assert.Equal(runs, await world.ScalarAsync<long>("select count(*) from backfill.run"));
    }

    [Fact]
    public async Task A_refused_key_halts_the_run_and_leaves_the_session_to_be_done()
    {
        var session = SandboxSessions.Named[4];
        var target = new ReplacedTarget(world.Connection.Target) { Functions = new RefusingFunctions() };
        var connection = OpenTarget.Connect(world.Connection.Identity, target);
        var request = new ApplyRequest { Plan = ApplyWorld.PlanOf(session), OutputPath = ApplyWorld.NewFolder(), ThrottlePerMinute = 60_000 };
        var end = await new ApplyPhase(connection, TimeProvider.System).RunAsync(request, new RecordingSink(), CancellationToken.None);
        Assert.Equal((BackfillRunState.Halted, 1), (end.Run.State, end.Run.Remaining));
        Assert.Contains("key was refused", end.Run.Reason, StringComparison.Ordinal);

        var resumed = await world.ApplyAsync(new ApplyRequest { RunId = end.Run.RunId, OutputPath = ApplyWorld.NewFolder() });
        Assert.Equal((BackfillRunState.Completed, 1), (resumed.Run.State, resumed.Run.Succeeded));
    }

    [Fact]
    public async Task Nothing_of_the_ledger_is_open_to_the_api_roles()
    {
        Assert.Equal(0, await world.ScalarAsync<long>(
            """
            select count(*) from pg_class c
            cross join unnest(array['anon', 'authenticated', 'service_role']) as r (name)
            where c.relnamespace = 'backfill'::regnamespace and c.relkind = 'r'
              and (has_table_privilege(r.name, c.oid, 'select') or not c.relrowsecurity)
            """));
    }
}

public sealed class ApplyTruthTests(ApplyWorld world) : ApplyTruth(world), IClassFixture<ApplyWorld>;

public sealed class ApplyTruthThroughPoolerTests(PooledWorld world) : ApplyTruth(world), IClassFixture<PooledWorld>;
