using System.Globalization;
using System.Text.Json.Nodes;
using Backfill.Engine.Connections;
using Backfill.Engine.Gates.Store;
using Backfill.Engine.Ledger;
using Backfill.Engine.Plans.Json;

namespace Backfill.Engine.Tests.Rollback;

/// <summary>
/// The statistics know an older run and not yet the one at hand, which the planner then takes for one without rows. What is read of
/// a whole run must not become each of its sessions times all of its rows for that.
/// </summary>
[Collection(RollbackCollection.Name)]
public sealed class UnknownRunTests(RollbackWorld world)
{
    private static readonly string[] Tables = ["backfill.item", "backfill.operation", "backfill.image"];

    private const int Sessions = 1_500;

    private const int ImagesEach = 4;

    /// <summary>All rows of the run, several times over; each session times all rows would be a thousand times as much.</summary>
    private const double Most = 20 * Sessions * ImagesEach;

    /// <param name="known">Sessions of the older run, besides its first one.</param>
    /// <param name="each">Images and calls of each of these. With many of one session, looking up a session seems to leave nothing out.</param>
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(1, 4, Traits = ["Lane", "full"])]
    [InlineData(1, 12, Traits = ["Lane", "full"])]
    [InlineData(1, 40)]
    [InlineData(400, 1, Traits = ["Lane", "full"])]
    [InlineData(400, 4)]
    public async Task Whole_runs_are_read_in_about_one_pass(int known, int each)
    {
        var run = await UnknownAsync(known, each);
        var start = new DateTimeOffset(2025, 9, 1, 0, 0, 0, TimeSpan.Zero);
        (string Statement, bool ByIndex, object?[] Values)[] statements =
        [
            ("Gates/Store/read_figures", false, [run]),
            ("Apply/Freeze/find_settled", false, [run]),
            ("Ledger/read_changes", false, [run]),
            ("Apply/Steer/read_progress", false, [run]),
            ("Reports/Store/count_outcomes", false, [run]),
            ("Reports/Store/read_timeline", false, [run, start, 60, 100]),
            ("Ledger/list_runs", true, [run, SqlValue.Text(null), false]),
            ("Ledger/read_batches", true, [run]),
            ("Ledger/read_changes", true, [run]),
            ("Ledger/read_operation_log", true, [run, "grown"]),
            ("Ledger/read_sessions", true, [run, SqlValue.Text(null)]),
            ("Reports/Store/read_some_sessions", true, [run, 1000]),
        ];
        var work = new List<string>();
        foreach (var (statement, byIndex, values) in statements)
        {
            var rows = await RowsOfAsync(statement, byIndex, values);
            Assert.True(rows > 1, $"{statement} read nothing");
            if (rows > Most)
                work.Add($"{statement}: {rows} rows");
        }

        Assert.Empty(work);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(400, 4)]
    public async Task What_another_run_has_tried_is_read_in_about_one_pass(int known, int each)
    {
        var tried = await UnknownAsync(known, each);
        var run = Guid.CreateVersion7();
        await world.ExecuteAsSuperuserAsync($"""
            set session_replication_role = replica;
            insert into backfill.item (run_id, ordinal, batch_id, session_id, state, outcome, reason, applied_by_run, started_at, settled_at)
            select '{run}', i.ordinal, i.batch_id, i.session_id, 'settled', 'Skipped',
                   case i.outcome when 'Succeeded' then 'AlreadyApplied' else 'AlreadyTried' end, i.run_id, now(), now()
            from backfill.item i where i.run_id = '{tried}';
            reset session_replication_role;
            """);

        Assert.InRange(await RowsOfAsync("Gates/Store/read_figures", false, [run]), 2, Most);
        // It goes with no run.
        await world.ExecuteAsSuperuserAsync($"delete from backfill.item where run_id = '{run}'");
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(1, 40)]
    [InlineData(400, 4)]
    public async Task Rows_of_a_whole_run_are_compared_in_about_one_pass(int known, int each)
    {
        var run = await UnknownAsync(known, each);
        await world.ExecuteAsync($"create table public.t1 (session_id uuid primary key); insert into public.t1 select i.session_id from backfill.item i where i.run_id = '{run}'");
        try
        {
            var sql = RowComparison.Sql(new([new("public.t1", "session_id", ["session_id"], [new("session_id", "uuid")], [])]));
            var sessions = (await world.LinesAsync($"select i.session_id::text from backfill.item i where i.run_id = '{run}'")).Select(Guid.Parse).ToArray();

            // All images are of rows that are not there, and every row has come since: the most that can differ.
            Assert.InRange(await RowsOfAsync(sql, [run, sessions, sessions.Select(_ => true).ToArray(), 3]), Sessions * ImagesEach, Most);
        }
        finally
        {
            await world.ExecuteAsync("drop table public.t1");
        }
    }

    [Fact]
    public async Task Before_a_part_of_a_run_is_undone_the_statistics_are_taken_anew()
    {
        var run = await UnknownAsync(400, 4);
        Assert.All(await KnownAsync(), t => Assert.True(t.Known < t.Rows, t.ToString()));

        var some = (await world.LinesAsync($"select i.session_id::text from backfill.item i where i.run_id = '{run}' order by i.ordinal limit 1000")).Select(Guid.Parse).ToArray();
        var look = await world.Connection.Target.Rollbacks.LookAsync(new RollbackSelection(run, some), CancellationToken.None);

        Assert.Equal(some.Length, look.Sessions.Count);
        Assert.All(await KnownAsync(), t => Assert.Equal(t.Rows, t.Known));
    }

    [Fact]
    public async Task When_a_worker_ends_the_statistics_are_taken_anew()
    {
        await FreshAsync();

        await world.AppliedAsync(world.New[0], world.New[1]);

        Assert.All(await KnownAsync(), t => Assert.True(t.Rows > 1 && t.Known == t.Rows, t.ToString()));
    }

    private async Task FreshAsync()
    {
        await world.FreshAsync();
        foreach (var table in Tables)
            await world.ExecuteAsync($"alter table {table} set (autovacuum_enabled = false)");
    }

    /// <summary>How many rows the tables have, and how many they have by the statistics.</summary>
    private async Task<IReadOnlyList<(string Table, int Rows, int Known)>> KnownAsync()
    {
        var known = new List<(string, int, int)>();
        foreach (var table in Tables)
        {
            var line = Assert.Single(await world.LinesAsync(
                $"select (select count(*) from {table}) || ' ' || c.reltuples::integer from pg_catalog.pg_class c where c.oid = '{table}'::regclass"));
            var figures = line.Split(' ').Select(f => int.Parse(f, CultureInfo.InvariantCulture)).ToArray();
            known.Add((table, figures[0], figures[1]));
        }

        return known;
    }

    /// <summary>A run whose rows have all come after the statistics were taken.</summary>
    private async Task<Guid> UnknownAsync(int known, int each)
    {
        await FreshAsync();
        var older = await world.AppliedAsync(world.New[0]);
        await GrowAsync(older.Id, known, each);
        var run = await world.AppliedAsync(world.New[1]);
        await world.ExecuteAsSuperuserAsync($"""
            set session_replication_role = replica;
            {string.Concat(Tables.Select(t => $"delete from {t} where run_id = '{run.Id}';"))}
            reset session_replication_role;
            """);
        await world.ExecuteAsync("analyze backfill.run, backfill.plan_session, backfill.item, backfill.image, backfill.operation");
        await GrowAsync(run.Id, Sessions, ImagesEach);
        return run.Id;
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

    private Task<double> RowsOfAsync(string statement, bool byIndex, object?[] values) => RowsOfAsync(SqlText.Load(statement), values, byIndex);

    /// <summary>The most rows that one step of a statement gave or threw away, over all of its repetitions.</summary>
    private async Task<double> RowsOfAsync(string sql, object?[] values, bool byIndex = false)
    {
        await using var connection = await world.Owner.OpenConnectionAsync();
        await using var batch = byIndex ? LedgerBatch.ByIndex(connection) : LedgerBatch.On(connection);
        var plan = await batch.Add($"explain (analyze, timing off, format json) {sql}", values)
            .QueryRowAsync(r => r.GetString(0), CancellationToken.None);
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
