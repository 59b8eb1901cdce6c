using System.Text.Json;
using Backfill.Engine.Connections;
using Backfill.Engine.Plans;
using Backfill.Engine.Tests.Rollback;

namespace Backfill.Engine.Tests.Apply;

/// <summary>What a plan's <c>match</c> calls equal is what the column's own type calls equal, wherever it is compared.</summary>
[Collection(RollbackCollection.Name)]
public sealed class TypedMatchTests(RollbackWorld world)
{
    private const string Table = """
        create table public.own_scores (
            session_id uuid primary key references public.assessment_sessions (id) on delete cascade,
            model numeric(6, 2), engine uuid, made_at timestamptz, level integer, is_done boolean, rate float8, kind varchar(4), day date,
            created_at timestamptz not null default now());
        grant all on public.own_scores to postgres
        """;

    private const string Row = """
        insert into public.own_scores (session_id, model, engine, made_at, level, is_done, rate, kind, day)
        values ($1, 2, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '2025-09-17 10:00:00+02', 7, true, 0.5, 'full', '2025-09-17')
        on conflict (session_id) do update set model = excluded.model, level = excluded.level
        """;

    // The column, and the plan's value as JSON: equal by the column's type, though another text.
    [Theory]
    [InlineData("model", "2")]
    [InlineData("model", "\"2.0\"")]
    [InlineData("engine", "\"A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11\"")]
    [InlineData("made_at", "\"2025-09-17T08:00:00Z\"")]
    [InlineData("level", "\"007\"")]
    [InlineData("is_done", "\"yes\"")]
    [InlineData("rate", "\"5e-1\"")]
    [InlineData("day", "\"20250917\"")]
    public async Task Equal_values_of_another_text_prove_the_effect_and_spare_the_call(string column, string value)
    {
        await WithTableAsync(async () =>
        {
            var session = world.New[0];
            var plan = Plan(session, column, value);

            Assert.Equal(BackfillOutcome.Succeeded, (await ApplyAsync(plan)).Of(session).Outcome);

            var again = Plan(session, column, value, ", \"if_missing\": true");
            var footprint = Footprint.For(again);
            var current = await world.Connection.Target.Ledger.FindCurrentAsync(
                again.Batches[0].Operations[0], footprint, [session], TestContext.Current.CancellationToken);
            Assert.Equal([session], current);
            var skipped = (await ApplyAsync(again)).Of(session);
            Assert.Equal((BackfillOutcome.Skipped, "AlreadyCurrent"), (skipped.Outcome, skipped.Reason));
        });
    }

    [Theory]
    [InlineData("model", "2.01")]
    [InlineData("engine", "\"A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A12\"")]
    [InlineData("made_at", "\"2025-09-17T10:00:00Z\"")]
    // A longer text is another one, not the same one cut off; and letters count.
    [InlineData("kind", "\"fullest\"")]
    [InlineData("kind", "\"Full\"")]
    public async Task Other_values_are_another_version(string column, string value) => await WithTableAsync(async () =>
    {
        var session = world.New[0];

        var result = (await ApplyAsync(Plan(session, column, value))).Of(session);

        Assert.Equal((BackfillOutcome.Failed, BackfillCategory.VersionMismatch), (result.Outcome, result.Category));
    });

    [Fact]
    public async Task A_value_that_the_column_can_not_hold_is_refused_before_anything_is_called() => await WithTableAsync(async () =>
    {
        var error = await Assert.ThrowsAsync<BackfillException>(() => ApplyAsync(Plan(world.New[0], "model", "\"v1\"")));

        Assert.Equal("PlanValueInvalid", error.Code);
        Assert.Contains("public.own_scores.model, which is of type numeric", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, await world.ScalarAsync<long>("select count(*) from backfill.run"));
    });

    [Fact]
    public async Task Expected_changes_and_params_may_write_one_value_in_two_ways() => await WithTableAsync(async () =>
    {
        var session = world.New[0];

        var applied = await ApplyAsync(Plan(session, "model", "2.0", expected: """{"own_scores": {"new_rows": 1, "model": "2.000"} }"""));

        Assert.Equal(BackfillOutcome.Succeeded, applied.Of(session).Outcome);
        Assert.True(applied.End.VerificationMet);
    });

    private async Task WithTableAsync(Func<Task> test)
    {
        await world.FreshAsync();
        await world.ExecuteAsSuperuserAsync($"drop table if exists public.own_scores; {Table}");
        try
        {
            await test();
        }
        finally
        {
            await world.ExecuteAsSuperuserAsync("drop table public.own_scores");
        }
    }

    private async Task<ApplyOutcome> ApplyAsync(BackfillPlan plan)
    {
        var sink = new RecordingSink();
        var request = new ApplyRequest { Plan = plan, OutputPath = ApplyWorld.NewFolder(), ThrottlePerMinute = ApplyWorld.QuickPace };
        var end = await new Backfill.Engine.Apply.ApplyPhase(world.BySql(_ => Row), TimeProvider.System).RunAsync(request, sink, default);
        return new(end, sink, request.OutputPath);
    }

    private static BackfillPlan Plan(Guid session, string column, string value, string flags = "", string expected = "{}") =>
        ApplyWorld.ReadPlan($$"""
            {
              "backfill_plan": {
                "version": "{{Guid.NewGuid()}}", "environment": "staging",
                "engine_version": "v1.2.1", "fc_version": "v1.2", "throttle_per_minute": 20
              },
              "batches": [{
                "batch_id": "own", "sessions": {{JsonSerializer.Serialize((Guid[])[session])}},
                "operations": [{"function": "score_own", "params": {"value": {{value}}{{flags}}} }]
              }],
              "expected_changes": {{expected}},
              "tables": {"public.own_scores": {"session_column": "session_id"} },
              "functions": {"score_own": {
                "writes": ["public.own_scores"],
                "expected": {"table": "public.own_scores", "match": {"{{column}}": {"param": "value"} } }
              } }
            }
            """);
}
