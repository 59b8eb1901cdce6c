using Backfill.Engine.Connections;
using Backfill.Engine.Health;
using Backfill.Engine.Ledger;
using Backfill.Engine.Plans;
using Npgsql;

namespace Backfill.Engine.Tests.Health;

[Collection(HealthTests.Name)]
public sealed class HealthFindingTests(HealthWorld world)
{
    [Fact]
    public async Task The_plan_that_is_recommended_leaves_nothing_to_backfill()
    {
        await world.FreshAsync();
        var (before, folder) = await world.CheckAsync();
        Assert.Equal(ProdHealthStatus.NeedsBackfill, before.Status);
        Assert.Equal((39, 39), (before.NeedingBackfill, before.Planned));
        // Nothing can be made of sessions without answers, or without forced-choice ones: they are listed apart.
        Assert.Contains(before.Recommendations, r => r.Contains(CandidateRules.NoFcResponses, StringComparison.Ordinal));
        var again = await world.CheckAsync();
        Assert.Equal(before.PlanHash, again.Report.PlanHash);

        var applied = await world.MendAsync(folder);
        var (after, _) = await world.CheckAsync(folder: folder);

        Assert.Equal((39, true), (applied!.Run.Succeeded, applied.VerificationMet));
        Assert.Equal((ProdHealthStatus.Healthy, 0, null), (after.Status, after.NeedingBackfill, after.PlanPath));
        Assert.DoesNotContain(await world.FindAsync(), c => c.Backfillable);
        Assert.Equal(before.SessionsAnalyzed, after.SessionsAnalyzed);
        // The plan is not needed any more: it is kept under its date, and older reports too.
        Assert.True(Directory.GetFiles(folder, "prod_health_check.*Z*.md").Length >= 1);
        Assert.Single(Directory.GetFiles(folder, "prod_mini_backfill_plan.*Z.json"));
        Assert.False(File.Exists(Path.Combine(folder, HealthPhase.PlanName)));
        Assert.StartsWith("# Health of staging: Healthy", await File.ReadAllTextAsync(after.ReportPath!, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("'infinity'")]
    [InlineData("'-infinity'")]
    public async Task Completed_sessions_without_a_time_are_counted_and_named_and_never_healthy(string time)
    {
        await world.FreshAsync();
        await world.MendAsync();
        var undated = await world.IdsOfAsync("select id from public.assessment_sessions where status = 'completed' order by completed_at desc limit 2");
        await world.ExecuteAsync("create table public.kept_times as select id, completed_at from public.assessment_sessions");
        await world.ExecuteAsync($"update public.assessment_sessions set completed_at = {time} where id = any ($1)", undated.ToArray());
        try
        {
            var (report, _) = await world.CheckAsync();
            var text = await File.ReadAllTextAsync(report.ReportPath!, TestContext.Current.CancellationToken);

            Assert.Equal((ProdHealthStatus.NeedsBackfill, 0, 2L, null), (report.Status, report.NeedingBackfill, report.UndatedSessions, report.PlanPath));
            Assert.All(undated, id => Assert.Contains($"- `{id}`", text, StringComparison.Ordinal));
            Assert.Contains(report.Recommendations, r => r.StartsWith("2 completed sessions have no completed_at", StringComparison.Ordinal));
            // Looked at by name, they are read, whatever their time is.
            var found = await world.Connection.Target.Health.LookUpAsync(
                [.. undated], HealthDefaults.FcVersion, TestContext.Current.CancellationToken);
            Assert.All(found, f => Assert.Null(f.CompletedAt));
        }
        finally
        {
            await world.ExecuteAsync("update public.assessment_sessions s set completed_at = k.completed_at from public.kept_times k where k.id = s.id");
            await world.ExecuteAsync("drop table public.kept_times");
        }
    }

    [Fact]
    public async Task A_session_that_was_refused_for_good_is_not_planned_again_under_the_same_versions()
    {
        await world.FreshAsync();
        var session = (await world.FindAsync()).First(c => c.Backfillable).SessionId;
        await world.SetAsync(new Sandbox.SandboxFault(Sandbox.SandboxFaultKind.Status) { StatusCode = 400 });
        var end = await world.ApplyAsync(Apply.ApplyWorld.PlanOf(session));
        await world.Control.ClearFaultsAsync();
        Assert.Equal((BackfillOutcome.Failed, BackfillCategory.Validation), (end.Of(session).Outcome, end.Of(session).Category));

        var found = (await world.FindAsync()).Single(c => c.SessionId == session);
        var (report, _) = await world.CheckAsync();
        var ofAnother = (await world.FindAsync(HealthWorld.Query with { EngineVersion = "v9" })).Single(c => c.SessionId == session);

        Assert.False(found.Backfillable);
        Assert.StartsWith($"refused for good in run {end.Run.RunId}: ", found.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain(new PlanReader().Read(report.PlanPath!).Require().Batches, b => b.Sessions.Contains(session));
        Assert.Contains(report.Recommendations, r => r.Contains($"1: {CandidateRules.Refused}", StringComparison.Ordinal));
        Assert.True(ofAnother.Backfillable);
    }

    [Fact]
    public async Task Exactly_the_sessions_that_something_was_taken_from_are_found_each_with_what_it_lacks()
    {
        await world.FreshAsync();
        await world.MendAsync();
        var s = await world.IdsOfAsync("""
            select s.id from public.assessment_sessions s join public.fc_scores f on f.session_id = s.id
            where s.status = 'completed' and s.completed_at >= '2025-08-01Z' order by s.id limit 7
            """);
        await world.ExecuteAsync("delete from public.profiles where session_id = $1", s[0]);
        await world.ExecuteAsync("update public.profiles set results_version = 'v1.1.0' where session_id = $1", s[1]);
        await world.ExecuteAsync("update public.profiles set results_version = null where session_id = $1", s[2]);
        await world.ExecuteAsync("delete from public.fc_scores where session_id = $1", s[3]);
        await world.ExecuteAsync("update public.fc_scores set fc_kind = 'legacy' where session_id = $1", s[4]);
        await world.ExecuteAsync("update public.fc_scores set version = 'v1.1' where session_id = $1", s[5]);
        await world.ExecuteAsync("delete from public.profiles where session_id = $1; ", s[6]);
        await world.ExecuteAsync("delete from public.fc_scores where session_id = $1", s[6]);

        var found = (await world.FindAsync()).Where(c => c.Backfillable).ToDictionary(
            c => c.SessionId, c => $"{(c.MissingProfile ? "profile" : "")} {c.HasProfile} {c.ResultsVersion} {(c.MissingFcScores ? "scores" : "")}");
        var (report, _) = await world.CheckAsync();

        Assert.Equal(
            new Dictionary<Guid, string>
            {
                [s[0]] = "profile False  ", [s[1]] = "profile True v1.1.0 ", [s[2]] = "profile True  ",
                [s[3]] = " True v1.2.1 scores", [s[4]] = " True v1.2.1 scores", [s[5]] = " True v1.2.1 scores",
                [s[6]] = "profile False  scores",
            },
            found);
        Assert.Equal((7, 2), (report.NeedingBackfill, report.OutdatedVersions));
        Assert.Equal("fc_scores +4, profiles +2 ~2", new PlanReader().Read(report.PlanPath!).Require().ExpectedChanges.ToString());
        Assert.True((await world.MendAsync())!.VerificationMet);
    }

    [Fact]
    public async Task Figures_and_list_agree_and_the_window_has_its_ends()
    {
        await world.FreshAsync();
        var all = await world.FindAsync();
        var (report, _) = await world.CheckAsync();

        Assert.Equal(
            (all.Count(c => c.MissingProfile), all.Count(c => c.MissingFcScores), all.Count(c => c.Backfillable), all.Count(c => !c.Backfillable)),
            (report.MissingProfiles, report.MissingFcScores, report.NeedingBackfill, report.NotBackfillable));
        Assert.Equal(all.OrderBy(c => c.CompletedAt).ThenBy(c => c.SessionId), all);
        Assert.Equal(
            await world.ScalarAsync<long>("select count(*) from public.assessment_sessions where status = 'completed' and completed_at >= '2025-08-01Z'"),
            report.SessionsAnalyzed);
        Assert.Equal(
            await world.ScalarAsync<long>("select count(*) from public.assessment_responses where session_id = $1", all[0].SessionId), all[0].Responses);

        var middle = all[all.Count / 2].CompletedAt!.Value;
        Assert.Equal(all.Where(c => c.CompletedAt >= middle), await world.FindAsync(HealthWorld.Query with { Since = middle }));
        Assert.Equal(all.Where(c => c.CompletedAt < middle), await world.FindAsync(HealthWorld.Query with { Until = middle }));
        Assert.Equal(all.Take(7), await world.FindAsync(HealthWorld.Query with { First = 7 }));
        var error = await Assert.ThrowsAsync<BackfillException>(() => world.FindAsync(HealthWorld.Query with { Until = PlanBatch.DefaultSince }));
        Assert.Equal("WindowEmpty", error.Code);
    }

    [Fact]
    public async Task No_list_ends_at_a_thousand()
    {
        await world.FreshAsync();
        var before = (await world.CheckAsync()).Report;
        await world.ExecuteAsync("""
            with s as (
                insert into public.assessment_sessions (status, completed_at)
                select 'completed', timestamptz '2025-09-01Z' + n * interval '1 second' from generate_series(1, 1500) n
                returning id
            ),
            fc as (
                insert into public.fc_responses (session_id, block_id, option_id)
                select s.id, o.block_id, o.id from s cross join (select f.block_id, f.id from public.fc_options f order by f.id limit 1) o
            )
            insert into public.assessment_responses (session_id, question_id, answer_value) select s.id, 1, '3' from s
            """);
        try
        {
            var (report, _) = await world.CheckAsync();

            Assert.Equal((before.NeedingBackfill + 1500, before.SessionsAnalyzed + 1500), (report.NeedingBackfill, report.SessionsAnalyzed));
            Assert.Equal(report.NeedingBackfill + report.NotBackfillable, (await world.FindAsync()).Count);
            var plan = new PlanReader().Read(report.PlanPath!).Require();
            Assert.Equal(report.NeedingBackfill, plan.Batches.Sum(b => b.Sessions.Count));
            Assert.Empty(plan.Warnings);
        }
        finally
        {
            await world.ExecuteAsync("delete from public.assessment_sessions where completed_questions = 0 and created_at > now() - interval '1 hour'");
        }
    }

    [Fact]
    public async Task A_slow_reader_keeps_no_transaction_open()
    {
        await world.FreshAsync();
        await using var candidates = new HealthPhase(world.Connection, TimeProvider.System)
            .FindAsync(HealthWorld.Query, TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await candidates.MoveNextAsync());

        for (var tries = 0; await OpenTransactionsAsync() > 0 && tries < 50; tries++)
            await Task.Delay(100, TestContext.Current.CancellationToken);

        Assert.Equal(0, await OpenTransactionsAsync());
        Assert.True(await candidates.MoveNextAsync());

        Task<long> OpenTransactionsAsync() => world.ScalarAsync<long>(
            "select count(*) from pg_stat_activity where usename = 'postgres' and pid <> pg_backend_pid() and xact_start is not null");
    }

    [Fact]
    public async Task The_server_refuses_a_write_in_the_transaction_of_a_measurement()
    {
        await using var source = NpgsqlDataSource.Create(world.Sandbox.Info.ConnectionString);
        await using var transaction = await ReadOnlyTransaction.BeginAsync(
            source, ReadOnlyMode.OneSnapshot(TimeSpan.FromSeconds(5)), TestContext.Current.CancellationToken);

        var error = await Assert.ThrowsAsync<PostgresException>(async () =>
        {
            await using var reader = await transaction.ExecuteAsync(
                [new NpgsqlBatchCommand(SqlText.Load("Health/Store/measuring")), new NpgsqlBatchCommand("delete from public.profiles")],
                TestContext.Current.CancellationToken);
            await reader.NextResultAsync(TestContext.Current.CancellationToken);
        });

        Assert.Equal(PostgresErrorCodes.ReadOnlySqlTransaction, error.SqlState);
    }
}
