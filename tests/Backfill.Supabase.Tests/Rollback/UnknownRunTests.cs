using System.Text.Json.Nodes;
using Backfill.Supabase.Ledger;

namespace Backfill.Supabase.Tests.Rollback;

/// <summary>
/// The statistics know an older run and not yet the one at hand, which the planner then takes for one without rows. What is read of
/// a whole run must not become each of its sessions times all of its rows for that.
/// </summary>
[Collection(RollbackCollection.Name)]
public sealed class UnknownRunTests(RollbackWorld world)
{
    private const int Sessions = 1_500;

    private const int ImagesEach = 4;

    /// <summary>All rows of the run, several times over; each session times all rows would be a thousand times as much.</summary>
    private const double Most = 20 * Sessions * ImagesEach;

    /// <param name="known">Sessions of the older run, besides its first one.</param>
    /// <param name="each">Calls and images of each of these. With many of one session a look-up by session seems to leave nothing out.</param>
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(1, 12)]
    [InlineData(400, 1)]
    [InlineData(400, 4)]
    public async Task Whole_runs_are_read_in_about_one_pass(int known, int each)
    {
        await world.FreshAsync();
        await world.ExecuteAsync("alter table backfill.item set (autovacuum_enabled = false)");
        await world.ExecuteAsync("alter table backfill.image set (autovacuum_enabled = false)");
        await world.ExecuteAsync("alter table backfill.operation set (autovacuum_enabled = false)");
        var older = await world.AppliedAsync(world.New[0]);
        await GrowAsync(older.Id, known, each);
        await world.ExecuteAsync("analyze backfill.run, backfill.plan_session, backfill.item, backfill.image, backfill.operation");
        var run = await world.AppliedAsync(world.New[1]);
        await GrowAsync(run.Id, Sessions, ImagesEach);

        var work = new List<string>();
        foreach (var statement in new[]
        {
            "Gates/read_figures", "Ledger/find_settled", "Ledger/read_batches", "Ledger/read_changes", "Ledger/read_operation_log",
            "Ledger/read_progress", "Ledger/read_sessions", "Reports/count_outcomes", "Reports/read_some_sessions", "Reports/read_timeline",
        })
        {
            var rows = await RowsOfAsync(statement, run.Id);
            Assert.True(rows > 1, $"{statement} read nothing");
            if (rows > Most)
                work.Add($"{statement}: {rows} rows");
        }

        Assert.Empty(work);
    }

    /// <summary>As many sessions as said, each with its calls and images.</summary>
    private Task GrowAsync(Guid run, int sessions, int imagesEach) => world.ExecuteAsSuperuserAsync($"""
        set session_replication_role = replica;
        insert into backfill.plan_session (plan_sha256, ordinal, batch_id, session_id)
        select r.plan_sha256, 1000 + n, 'grown', md5('{run}' || n)::uuid
        from backfill.run r cross join generate_series(1, {sessions}) n where r.run_id = '{run}';
        insert into backfill.item (run_id, ordinal, batch_id, session_id, state, claims, outcome, rows_inserted, started_at, settled_at)
        select '{run}', 1000 + n, 'grown', md5('{run}' || n)::uuid, 'settled', 1, case when n % 3 = 0 then 'Failed' else 'Succeeded' end,
               {imagesEach}, now(), now()
        from generate_series(1, {sessions}) n;
        insert into backfill.operation (run_id, session_id, position, attempt, function, params, fence, sent_at)
        select i.run_id, i.session_id, 1, a, 'score_prism', '[]', i.ordinal, now()
        from backfill.item i cross join generate_series(1, {imagesEach}) a
        where i.run_id = '{run}' and i.batch_id = 'grown';
        insert into backfill.image (run_id, session_id, table_name, key, after_sha256, after_version, recorded)
        select i.run_id, i.session_id, 'public.t' || t, 'k', 'x', '1', jsonb_build_object('v', t)
        from backfill.item i cross join generate_series(1, {imagesEach}) t
        where i.run_id = '{run}' and i.batch_id = 'grown';
        reset session_replication_role;
        """);

    /// <summary>The most rows that one step of a statement gave or threw away, over all of its repetitions.</summary>
    private async Task<double> RowsOfAsync(string statement, Guid run)
    {
        var id = $"'{run}'::uuid";
        var sql = SqlText.Load(statement)
            .Replace("@runId", id, StringComparison.Ordinal)
            .Replace("@batchId", "'grown'", StringComparison.Ordinal)
            .Replace("@outcome", "null", StringComparison.Ordinal)
            .Replace("@most", "1000", StringComparison.Ordinal)
            .Replace("$1", id, StringComparison.Ordinal)
            .Replace("$2", "'2025-09-01Z'::timestamptz", StringComparison.Ordinal)
            .Replace("$3", "60", StringComparison.Ordinal)
            .Replace("$4", "100", StringComparison.Ordinal);
        var plan = string.Concat(await world.LinesAsync($"explain (analyze, timing off, format json) {sql}"));
        return Heaviest(JsonNode.Parse(plan)![0]!["Plan"]!);
    }

    private static double Heaviest(JsonNode step)
    {
        var loops = (double)step["Actual Loops"]!;
        var own = ((double)step["Actual Rows"]! + Of("Rows Removed by Join Filter") + Of("Rows Removed by Filter")) * loops;
        return Math.Max(own, (step["Plans"]?.AsArray() ?? []).Select(p => Heaviest(p!)).DefaultIfEmpty().Max());

        double Of(string figure) => (double?)step[figure] ?? 0;
    }
}
