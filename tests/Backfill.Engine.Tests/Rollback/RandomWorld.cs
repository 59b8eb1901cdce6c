using System.Text.Json;
using Backfill.Engine.Tests.Apply;

namespace Backfill.Engine.Tests.Rollback;

/// <summary>Tables that hang on each other in every way, for runs and writers that do anything to them.</summary>
public sealed class RandomWorld : RollbackWorld, IAsyncLifetime
{
    /// <summary>May do what the owner may; its connections are known by it.</summary>
    public const string StandIn = "stand_in";

    private static readonly (string Name, string Key)[] Tables =
    [
        ("random.folder", "t.session_id, t.name"), ("random.note", "t.session_id, t.n"), ("random.mark", "t.session_id, t.n"),
        ("random.stamp", "t.session_id, t.n"), ("random.lone", "t.session_id, t.n"),
    ];

    private const string Create = """
        create schema random;
        create table random.folder (
            session_id uuid, name text, inside text, size numeric, updated_at timestamptz default clock_timestamp(), primary key (session_id, name),
            foreign key (session_id, inside) references random.folder on delete cascade);
        create table random.note (
            session_id uuid, n integer, folder_session uuid, folder_name text, body text, primary key (session_id, n),
            foreign key (folder_session, folder_name) references random.folder on delete cascade);
        create table random.mark (
            session_id uuid, n integer, folder_session uuid, folder_name text, body text, primary key (session_id, n),
            foreign key (folder_session, folder_name) references random.folder on delete set null);
        create table random.stamp (
            session_id uuid, n integer, note_session uuid, note_n integer, body text, primary key (session_id, n),
            foreign key (note_session, note_n) references random.note);
        create table random.lone (session_id uuid, n integer, body text, updated_at timestamptz default clock_timestamp(), primary key (session_id, n));
        create function random.touch() returns trigger language plpgsql as $$ begin new.updated_at := clock_timestamp(); return new; end $$;
        create trigger touched before insert or update on random.folder for each row execute function random.touch();
        create trigger touched before insert or update on random.lone for each row execute function random.touch();
        """;

    /// <summary>Those of the run.</summary>
    public Guid[] Sessions => [.. WithProfile.Take(5)];

    /// <summary>Those of nobody's.</summary>
    public Guid[] Bystanders => [.. WithProfile.Skip(5).Take(2)];

    public new async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await ExecuteAsync(Create);
        var password = new Uri(Sandbox.Info.DatabaseUrl).UserInfo.Split(':')[1];
        await ExecuteAsSuperuserAsync($"create role {StandIn} login bypassrls password '{password}'; grant postgres to {StandIn}");
    }

    public Task EmptyAsync() => ExecuteAsync("""
        delete from backfill.run;
        delete from backfill.plan_session;
        delete from backfill.plan;
        update backfill.pace set last_slot = '-infinity';
        truncate random.folder, random.note, random.mark, random.stamp, random.lone
        """);

    internal Task<TestRun> FrozenAsync() => FrozenAsync(
        ReadPlan(
            $$"""
            {
              "backfill_plan": {
                "version": "{{Guid.NewGuid()}}", "environment": "staging",
                "engine_version": "v1.2.1", "fc_version": "v1.2", "throttle_per_minute": 20
              },
              "batches": [{"batch_id": "test", "sessions": {{JsonSerializer.Serialize(Sessions)}}, "operations": [{"function": "anything"}]}],
              "tables": { {{string.Join(", ", Tables.Select(t => $$"""
                "{{t.Name}}": {"session_column": "session_id"}
                """))}} },
              "functions": {
                "anything": {"writes": {{JsonSerializer.Serialize(Tables.Select(t => t.Name))}}, "expected": {"table": "random.lone"} }
              }
            }
            """),
        Settings with { ConcurrencyLimit = 2, QuietPeriod = TimeSpan.FromMilliseconds(50), Breaker = new(1000, 1, 50) });

    /// <summary>A run of the first session that does this; the session is <c>$1</c>.</summary>
    internal async Task<TestRun> DoneAsync(string sql)
    {
        var run = await FrozenAsync();
        var proof = "insert into random.lone values ($1, 100, 'proof')";
        await run.ApplyAsync(BySql(call => call.SessionId == Sessions[0] ? $"{sql}; {proof}" : proof));
        Assert.Equal(Sessions.Length, (await run.ReadAsync()).Succeeded);
        return run;
    }

    /// <summary>Every row's record text by table and key.</summary>
    public async Task<Dictionary<string, string>> RowsAsync()
    {
        var lines = await LinesAsync(string.Join(
            " union all ", Tables.Select(t => $"select concat('{t.Name} ', row({t.Key})::text, e'\\t', t::text) from {t.Name} t")));
        return lines.Select(l => l.Split('\t', 2)).ToDictionary(l => l[0], l => l[1]);
    }

    /// <summary>What the ledger says of the rows of some sessions: before and after the run.</summary>
    internal async Task<IReadOnlyList<RandomImage>> ImagesAsync(Guid run, Guid[] sessions)
    {
        await using var command = Owner.CreateCommand("""
            select concat(g.table_name, ' ', g.key), g.before_record,
                   i.state = 'settled' and (i.outcome, i.category) is distinct from ('Unknown', 'Cancelled'),
                   sha256(convert_to(g.before_record, 'UTF8')) is distinct from g.after_sha256
            from backfill.image g
            join backfill.item i on i.run_id = g.run_id and i.session_id = g.session_id
            where g.run_id = $1 and g.session_id = any ($2)
            """);
        command.Parameters.Add(new() { Value = run });
        command.Parameters.Add(new() { Value = sessions });
        await using var reader = await command.ExecuteReaderAsync();
        var images = new List<RandomImage>();
        while (await reader.ReadAsync())
            images.Add(new(reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetString(1), reader.GetBoolean(2), reader.GetBoolean(3)));
        return images;
    }
}

/// <summary>One row in the ledger.</summary>
internal sealed record RandomImage(string Row, string? Before, bool IsSettled, bool IsChanged);
