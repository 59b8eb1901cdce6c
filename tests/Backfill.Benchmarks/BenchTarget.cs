using System.Text;
using System.Text.Json;
using Backfill.Engine.Connections;
using Backfill.Engine.Plans;
using Backfill.Engine.Tests.Sandbox;
using Npgsql;

namespace Backfill.Benchmarks;

/// <summary>A sandbox with its ledger, full of sessions that need both functions, which can be put back as it was.</summary>
internal sealed class BenchTarget : IAsyncDisposable
{
    private readonly SandboxProcess _sandbox;
    private readonly NpgsqlDataSource _superuser;

    private BenchTarget(SandboxProcess sandbox, NpgsqlDataSource superuser, BackfillConnection connection, IReadOnlyList<Guid> sessions)
    {
        _sandbox = sandbox;
        _superuser = superuser;
        Connection = connection;
        Sessions = sessions;
    }

    public SandboxInfo Info => _sandbox.Info;

    public BackfillConnection Connection { get; }

    /// <summary>The sessions to do, none of which has a row of either function after <see cref="ResetAsync"/>.</summary>
    public IReadOnlyList<Guid> Sessions { get; }

    /// <param name="candidates">So many sessions to do; about as many others lie beside them.</param>
    public static async Task<BenchTarget> StartAsync(int candidates)
    {
        var sandbox = await SandboxProcess.StartAsync(
            "--candidates", Text(candidates), "--sessions", Text(candidates * 2));
        var settings = new NpgsqlConnectionStringBuilder(sandbox.Info.SuperuserConnectionString) { CommandTimeout = 0 };
        var superuser = NpgsqlDataSource.Create(settings.ConnectionString);
        await using (var bare = (await ConnectAsync(sandbox.Info, requireLedger: false)).Target)
            await bare.InstallLedgerAsync(BackfillEnvironment.Staging, adopt: false, sandbox: true, CancellationToken.None);
        var sessions = new List<Guid>();
        await using (var command = superuser.CreateCommand(Resource.Read("candidates.sql")))
        {
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
                sessions.Add(reader.GetGuid(0));
        }

        return new(sandbox, superuser, await ConnectAsync(sandbox.Info, requireLedger: true), sessions);
    }

    /// <param name="info">The sandbox.</param>
    /// <param name="requireLedger">Whether its ledger must be there.</param>
    /// <param name="databaseUrl">Another way to its database, through a pooler.</param>
    public static Task<BackfillConnection> ConnectAsync(SandboxInfo info, bool requireLedger, string? databaseUrl = null) => SupabaseConnector.ConnectAsync(
        new ConnectionOptions
        {
            ApiUrl = info.ApiUrl,
            ServiceRoleKey = info.ServiceRoleKey,
            AnonKey = info.AnonKey,
            DatabaseUrl = databaseUrl ?? info.DatabaseUrl,
            ProjectRef = info.ProjectRef,
        },
        null,
        requireLedger,
        CancellationToken.None);

    /// <summary>A new plan of both functions for these sessions; its version, and so its hash, is its own.</summary>
    public static BackfillPlan PlanOf(IEnumerable<Guid> sessions, bool watches = true) =>
        Plan($"\"sessions\": {JsonSerializer.Serialize(sessions)}", watches ? "" : """, "guard": {"enabled": false}""");

    /// <summary>A new plan of both functions for so many sessions.</summary>
    public static BackfillPlan PlanOf(int sessions) => Plan($"\"session_count\": {Text(sessions)}, \"since\": \"2025-08-01\"");

    /// <summary>Takes away what the functions wrote, and leaves every table as clean for the next contender.</summary>
    public async Task ResetAsync()
    {
        await ExecuteAsync(Resource.Read("undo.sql"));
        // Each by itself: neither works in a transaction.
        await ExecuteAsync("vacuum (analyze)");
        await ExecuteAsync("checkpoint");
        await ClearCallsAsync();
    }

    /// <summary>Every call takes so much longer.</summary>
    public Task SlowDownAsync(TimeSpan delay) => _sandbox.Control.SetFaultAsync(new(SandboxFaultKind.Latency) { Delay = delay });

    public Task ClearCallsAsync() => _sandbox.Control.ClearCallsAsync();

    /// <summary>Sessions that have what both functions are to leave.</summary>
    public async Task<long> DoneAsync() => (long)(await ScalarAsync(Resource.Read("done.sql")))!;

    public async Task ExecuteAsync(string sql)
    {
        await using var command = _superuser.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<object?> ScalarAsync(string sql)
    {
        await using var command = _superuser.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    /// <summary>How much the server has written into its log so far, and how large the ledger is.</summary>
    public async Task<(long Wal, long Ledger)> WrittenAsync()
    {
        await using var command = _superuser.CreateCommand(
            """
            select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint,
                   (select sum(pg_total_relation_size(c.oid))::bigint from pg_class c where c.relnamespace = 'backfill'::regnamespace and c.relkind = 'r')
            """);
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return (reader.GetInt64(0), reader.GetInt64(1));
    }

    /// <summary>The PostgreSQL processes that work for the functions, and those that work for the ledger.</summary>
    public async Task<(IReadOnlyList<int> Functions, IReadOnlyList<int> Ledger)> BackendsAsync()
    {
        var (functions, ledger) = (new List<int>(), new List<int>());
        await using var command = _superuser.CreateCommand(
            """
            select pid, application_name = 'edge functions' from pg_stat_activity
            where application_name = 'edge functions' or usename = 'postgres'
            """);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            (reader.GetBoolean(1) ? functions : ledger).Add(reader.GetInt32(0));
        return (functions, ledger);
    }

    /// <summary>The calls that reached the server since they were cleared, in order.</summary>
    public Task<IReadOnlyList<SandboxCall>> CallsAsync() => _sandbox.Control.CallsAsync();

    public async ValueTask DisposeAsync()
    {
        await Connection.Target.DisposeAsync();
        await _superuser.DisposeAsync();
        await _sandbox.DisposeAsync();
    }

    private static BackfillPlan Plan(string sessions, string guard = "")
    {
        var json = $$$"""
            {
              "backfill_plan": {
                "version": "{{{Guid.NewGuid()}}}", "environment": "staging",
                "engine_version": "v1.2.1", "fc_version": "v1.2", "throttle_per_minute": 20
              },
              "batches": [{"batch_id": "bench", "description": "", {{{sessions}}}, "operations": [
                {"function": "score_fc_session", "params": {"version": "v1.2", "basis": "functions"}},
                {"function": "score_prism", "params": {"engine_version": "v1.2.1"}}
              ]}]{{{guard}}}
            }
            """;
        var reading = new PlanReader().Read(Encoding.UTF8.GetBytes(json), "bench.json");
        return reading.Plan ?? throw new InvalidOperationException(string.Join('\n', reading.Problems.Select(p => p.Message)));
    }

    private static string Text(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
