using System.Text.Json.Nodes;
using Backfill.Engine.Ledger;
using Npgsql;

namespace Backfill.Engine.Tests.Rollback;

/// <summary>
/// A prepared statement keeps the plan that it was given when the ledger was empty. What is run for each session must stay a
/// look-up by an index however large the ledger grows until the statistics are taken again.
/// </summary>
[Collection(RollbackCollection.Name)]
public sealed class KeptPlanTests(RollbackWorld world)
{
    private static readonly string[] Tables = ["backfill.item", "backfill.operation", "backfill.image"];

    private const int Sessions = 3_000;

    /// <summary>Sessions that one statement is about: as many as go together.</summary>
    private const int Together = 32;

    /// <summary>A few rows of each of them, and far less than all sessions.</summary>
    private const double Most = 10 * Together;

    [Fact]
    public async Task Statements_that_were_planned_on_an_empty_ledger_stay_look_ups()
    {
        await world.FreshAsync();
        foreach (var table in Tables)
            await world.ExecuteAsync($"alter table {table} set (autovacuum_enabled = false)");
        var run = await world.FrozenAsync(ApplyPlan(), Apply.RunWorld.Quick);
        await world.ExecuteAsync("analyze backfill.item, backfill.operation, backfill.image, backfill.run");
        var sql = new TargetSql(run.Ticket.Shape);
        (string Name, string Sql, string Values)[] statements =
        [
            ("reserve_slots", SqlText.Load("Apply/Claim/reserve_slots"), "'{run}', 1, interval '0'"),
            ("claim", sql.Claim, "'{run}', gen_random_uuid(), 32, interval '1 minute'"),
            ("begin_attempt", sql.BeginAttempt, "'{run}', {sessions}, {fences}, 9, 9, 'score_prism', '{}'"),
            ("observe", sql.Observe.AtOnce, "'{run}', {sessions}, {fences}"),
            ("checkpoint", sql.Checkpoint.AtOnce, "'{run}', {attempts}, {sessions}, {tables}"),
            ("write_attempts", SqlText.Load("Apply/Settle/write_attempts"), "'{run}', {attempts}"),
            ("write_after_images", SqlText.Load("Apply/Settle/write_after_images"),
                "'{run}', {sessions}, {tables}, {tables}, {hashes}, {tables}, {json}"),
            ("settle_item", SqlText.Load("Apply/Settle/settle_item"),
                "'{run}', {sessions}, {fences}, {outcomes}, {tables}, {tables}, {numbers}, {numbers}, {numbers}"),
        ];
        await using var connection = await world.Pooled.OpenConnectionAsync();
        await ExecuteAsync(connection, SqlText.Settings("Ledger/frequent", isLocal: false));
        foreach (var (name, text, values) in statements)
        {
            await ExecuteAsync(connection, $"prepare {name} as {text}");
            await ExecuteAsync(connection, $"begin; explain execute {name} ({Filled(values, run.Id)}); rollback");
        }

        await GrowAsync(run.Id);
        var work = new List<string>();
        foreach (var (name, _, values) in statements)
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await using var command = new NpgsqlCommand(
                $"explain (analyze, timing off, format json) execute {name} ({Filled(values, run.Id)})", connection);
            var plan = (string)(await command.ExecuteScalarAsync())!;
            var rows = Heaviest(JsonNode.Parse(plan)![0]!["Plan"]!);
            if (rows > Most)
                work.Add($"{name}: {rows} rows\n{plan}");
            await transaction.RollbackAsync();
        }

        await ExecuteAsync(connection, "deallocate all; reset all");
        Assert.True(work.Count == 0, string.Join('\n', work));
    }

    private const string Attempts =
        "{sessions}, {fences}, {ones}, {ones}, {times}, {longs}, {numbers}, {outcomes}, {tables}, {tables}, {json}";

    private BackfillPlan ApplyPlan() => Apply.ApplyWorld.PlanOf(world.New[0], world.New[1]);

    private static string Filled(string values, Guid run)
    {
        var numbers = Enumerable.Range(1_000, Together).ToList();
        return values
            .Replace("{attempts}", Attempts, StringComparison.Ordinal)
            .Replace("{sessions}", Array("uuid", n => $"md5('{run}' || {n})::uuid"), StringComparison.Ordinal)
            .Replace("{fences}", Array("bigint", n => $"{n}"), StringComparison.Ordinal)
            .Replace("{ones}", Array("integer", _ => "1"), StringComparison.Ordinal)
            .Replace("{numbers}", Array("integer", _ => "200"), StringComparison.Ordinal)
            .Replace("{longs}", Array("bigint", _ => "5"), StringComparison.Ordinal)
            .Replace("{times}", Array("timestamptz", _ => "now()"), StringComparison.Ordinal)
            .Replace("{outcomes}", Array("text", _ => "'Succeeded'"), StringComparison.Ordinal)
            .Replace("{tables}", Array("text", _ => "'public.profiles'"), StringComparison.Ordinal)
            .Replace("{hashes}", Array("text", _ => "'aa'"), StringComparison.Ordinal)
            .Replace("{json}", Array("text", _ => "'{}'"), StringComparison.Ordinal)
            .Replace("{run}", $"{run}", StringComparison.Ordinal);

        string Array(string type, Func<int, string> value) => $"array[{string.Join(',', numbers.Select(value))}]::{type}[]";
    }

    /// <summary>Settled sessions, some in hand, and many that wait: a run in its middle.</summary>
    private Task GrowAsync(Guid run) => world.ExecuteAsSuperuserAsync($"""
        set session_replication_role = replica;
        insert into backfill.item (
            run_id, ordinal, batch_id, session_id, state, claims, outcome, started_at, settled_at, fence, lease_until)
        select '{run}', 1000 + n, 'test', md5('{run}' || n)::uuid,
               case when n < 1000 then 'settled' when n < {1_000 + Together} then 'claimed' else 'pending' end,
               1, case when n < 1000 then 'Succeeded' end, now(), case when n < 1000 then now() end, n,
               case when n between 1000 and {999 + Together} then now() + interval '1 hour' end
        from generate_series(1, {Sessions}) n;
        insert into backfill.operation (run_id, session_id, position, attempt, function, params, fence, sent_at)
        select i.run_id, i.session_id, p, 1, 'score_prism', '[]', i.fence, now()
        from backfill.item i cross join generate_series(1, 2) p
        where i.run_id = '{run}' and i.ordinal > 1000;
        insert into backfill.image (run_id, session_id, table_name, key, after_sha256, after_version, recorded)
        select i.run_id, i.session_id, 'public.t' || t, 'k', 'x', '1', jsonb_build_object('v', t)
        from backfill.item i cross join generate_series(1, 2) t
        where i.run_id = '{run}' and i.ordinal > 1000;
        update backfill.run set state = 'Running' where run_id = '{run}';
        reset session_replication_role;
        """);

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static double Heaviest(JsonNode step)
    {
        var loops = (double)step["Actual Loops"]!;
        var own = ((double)step["Actual Rows"]! + Of("Rows Removed by Join Filter") + Of("Rows Removed by Filter")) * loops;
        return Math.Max(own, (step["Plans"]?.AsArray() ?? []).Select(p => Heaviest(p!)).DefaultIfEmpty().Max());

        double Of(string figure) => (double?)step[figure] ?? 0;
    }
}
