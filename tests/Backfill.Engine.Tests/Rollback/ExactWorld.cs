using System.Text.Json;
using Npgsql;

namespace Backfill.Engine.Tests.Rollback;

/// <summary>A target that makes exactness hard, and runs over a few of its sessions to be undone in whatever way.</summary>
public sealed class ExactWorld : RollbackWorld, IAsyncLifetime
{
    /// <summary>A role that may read and write, and owns nothing.</summary>
    public const string MayWriteOnly = "may_write_only";

    /// <summary>The same with the right to set <c>session_replication_role</c>.</summary>
    public const string MayUseReplicaMode = "may_use_replica_mode";

    private (string Type, string[] Values)[] _types = [];

    private Guid[] Sessions => [.. New.Take(3)];

    /// <summary>Has the same rows, and is in no plan.</summary>
    private Guid Bystander => New[3];

    public new async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await ExecuteAsync(ExactTables.Create);
        _types = [.. await SupportedAsync()];
        await ExecuteAsync(ExactTables.Everything(_types.Select(t => t.Type)));
        foreach (var role in new[] { MayWriteOnly, MayUseReplicaMode })
            await CreateRoleAsync(role);
        await ExecuteAsSuperuserAsync($"grant set on parameter session_replication_role to {MayUseReplicaMode}");
    }

    /// <summary>The rows that were there before, no run.</summary>
    public async Task SeedAsync()
    {
        await FreshAsync();
        await ExecuteAsync($"truncate {string.Join(", ", ExactTables.Names)}, exact.log restart identity");
        await ExecuteAsync("insert into exact.folder (session_id, label) values (gen_random_uuid(), 'pins go here')");
        foreach (var session in Sessions.Append(Bystander))
            await ExecuteAsync(SqlFunctions.For(session, ExactTables.Seed(_types)));
    }

    /// <summary>Runs the function for each session.</summary>
    /// <param name="meanwhile">SQL that others run before the second one's call.</param>
    /// <param name="through">The connection that the ledger is reached by; null for the world's own.</param>
    public async Task<Guid> ApplyAsync(string? meanwhile = null, BackfillConnection? through = null)
    {
        var run = await FrozenAsync(Plan(), Quick with { ConcurrencyLimit = 1 }, through: through);
        var end = await run.ApplyAsync(BySql(
            call => call.SessionId == Sessions[1] && meanwhile is not null
                ? $"{meanwhile}; {ExactTables.Rewrite(_types)}"
                : ExactTables.Rewrite(_types),
            through: through));
        Assert.Equal(Sessions.Length, end.Run.Succeeded);
        return run.Id;
    }

    /// <summary>
    /// Applies, undoes and compares: the target's data are byte for byte what they were, every trigger is what it was, and
    /// none was fired.
    /// </summary>
    /// <param name="undo">Undoes the run with this id.</param>
    /// <param name="between">SQL that others run before that.</param>
    /// <param name="after">SQL that makes the dumps comparable again.</param>
    /// <param name="before">SQL that comes first of all.</param>
    /// <param name="afterwards">SQL that takes that back.</param>
    /// <param name="meanwhile">SQL that others run while the run is at work.</param>
    /// <param name="isSilent">Whether no trigger may fire.</param>
    /// <param name="applied">The connection that the run's ledger is reached by; null for the world's own.</param>
    public async Task MustBeUndoneAsync(
        Func<Guid, Task> undo,
        string? between = null,
        string? after = null,
        string? before = null,
        string? afterwards = null,
        string? meanwhile = null,
        bool isSilent = true,
        BackfillConnection? applied = null)
    {
        await SeedAsync();
        if (before is not null)
            await ExecuteAsync(before);
        var (seeded, triggers) = (await DumpAsync(), await TriggersAsync());
        var run = await ApplyAsync(meanwhile, applied);
        Assert.NotEqual(seeded, await DumpAsync());
        Assert.Equal(triggers, await TriggersAsync());
        if (between is not null)
            await ExecuteAsync(between);
        var fired = await FiredAsync();

        await undo(run);

        Assert.True(!isSilent || fired == await FiredAsync());
        Assert.Equal(triggers, await TriggersAsync());
        if (after is not null)
            await ExecuteAsync(after);
        Assert.Equal(seeded, await DumpAsync());
        if (afterwards is not null)
            await ExecuteAsync(afterwards);
    }

    /// <summary>The rows of the function's tables but for one column.</summary>
    public async Task<IReadOnlyList<string>> RowsAsync(string without) => await LinesAsync(
        string.Join(" union all ", ExactTables.Names.Select(n => $"select '{n} ' || (to_jsonb(t) - '{without}')::text from {n} t")) + " order by 1");

    /// <summary>The data of the target's tables, as PostgreSQL's own program writes them.</summary>
    public Task<IReadOnlyList<string>> DumpAsync() => PgDump.ReadAsync(this, "--schema=exact", "--schema=public", "--exclude-table=exact.log");

    public Task<IReadOnlyList<string>> TriggersAsync() => LinesAsync(ExactTables.Triggers);

    private async Task CreateRoleAsync(string role)
    {
        var password = new Uri(Sandbox.Info.DatabaseUrl).UserInfo.Split(':')[1];
        await ExecuteAsSuperuserAsync($"create role {role} login bypassrls password '{password}'");
        foreach (var schema in new[] { "backfill", "public", "exact" })
        {
            await ExecuteAsync($"""
                grant usage on schema {schema} to {role};
                grant select, insert, update, delete on all tables in schema {schema} to {role};
                grant usage on all sequences in schema {schema} to {role};
                grant execute on all functions in schema {schema} to {role}
                """);
        }
    }

    private Task<long> FiredAsync() => ScalarAsync<long>("select count(*) from exact.log");

    private BackfillPlan Plan() => ReadPlan(
        $$"""
        {
          "backfill_plan": {
            "version": "{{Guid.NewGuid()}}", "environment": "staging",
            "engine_version": "v1.2.1", "fc_version": "v1.2", "throttle_per_minute": 20
          },
          "batches": [{"batch_id": "test", "sessions": {{JsonSerializer.Serialize(Sessions)}}, "operations": [{"function": "rewrite"}]}],
          "tables": { {{string.Join(", ", ExactTables.Names.Select(t => $$"""
            "{{t}}": {"session_column": "session_id"}
            """))}} },
          "functions": {
            "rewrite": {"writes": {{JsonSerializer.Serialize(ExactTables.Names)}}, "expected": {"table": "exact.everything"} }
          }
        }
        """);

    private async Task<List<(string, string[])>> SupportedAsync()
    {
        var supported = new List<(string, string[])>();
        foreach (var (type, values) in ExactValues.Types)
        {
            try
            {
                await ExecuteAsync($"select {string.Join(", ", values.Select(v => $"'{v.Replace("'", "''", StringComparison.Ordinal)}'::{type}"))}");
                supported.Add((type, values));
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.FeatureNotSupported)
            {
                // PostgreSQL can be built without libxml.
            }
        }

        return supported;
    }
}
