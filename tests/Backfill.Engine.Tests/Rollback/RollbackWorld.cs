using System.Text.Json;
using Backfill.Engine.Apply.Call;
using Backfill.Engine.Connections;
using Backfill.Engine.Ledger;
using Backfill.Engine.Tests.Apply;
using Backfill.TestWorker;
using Npgsql;

namespace Backfill.Engine.Tests.Rollback;

/// <summary>A world in which runs are undone.</summary>
public class RollbackWorld : RunWorld, IAsyncLifetime
{
    private NpgsqlDataSource? _pooled;

    /// <summary>The database as its owner; connections are kept.</summary>
    public NpgsqlDataSource Pooled => _pooled!;

    public new async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _pooled = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(Sandbox.Info.ConnectionString) { Pooling = true, MaxPoolSize = 20 });
    }

    public new async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_pooled is not null)
            await _pooled.DisposeAsync();
        await base.DisposeAsync();
    }

    /// <summary>A connection whose functions write by SQL; the session is <c>$1</c>.</summary>
    internal BackfillConnection BySql(
        Func<FunctionCall, string> write, Func<FunctionCall, FunctionReply>? answer = null, BackfillConnection? through = null) =>
        OpenTarget.Connect(
            Connection.Identity, new ReplacedTarget((through ?? Connection).Target) { Functions = new SqlFunctions(Pooled, write, answer) });

    /// <summary>A run of both scoring functions, done in a moment.</summary>
    internal async Task<TestRun> AppliedAsync(params Guid[] sessions)
    {
        var run = await FrozenAsync(PlanOf(sessions), Quick);
        var end = await run.ApplyAsync(BySql(ScoresBySql.Write));
        Assert.Equal(sessions.Length, end.Run.Succeeded);
        return run;
    }

    /// <summary>The sandbox's database through another user or port.</summary>
    internal Task<BackfillConnection> ConnectAsync(string? user = null, int? port = null, DatabasePatience? patience = null)
    {
        var url = new UriBuilder(Sandbox.Info.DatabaseUrl);
        if (user is not null)
            url.UserName = user;
        if (port is { } other)
            url.Port = other;
        return SupabaseConnector.ConnectAsync(
            new ConnectionOptions
            {
                ApiUrl = Sandbox.Info.ApiUrl,
                ServiceRoleKey = Sandbox.Info.ServiceRoleKey,
                AnonKey = Sandbox.Info.AnonKey,
                DatabaseUrl = url.Uri.ToString(),
                ProjectRef = Sandbox.Info.ProjectRef,
            },
            null,
            requireLedger: true,
            patience ?? DatabasePatience.Default,
            CancellationToken.None);
    }

    /// <summary>As one who may do anything.</summary>
    public async Task ExecuteAsSuperuserAsync(string sql)
    {
        await using var database = NpgsqlDataSource.Create(Sandbox.Info.SuperuserConnectionString);
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    internal Task<RollbackLook> LookAsync(RollbackSelection selection, BackfillConnection? through = null) =>
        (through ?? Connection).Target.Rollbacks.LookAsync(selection, CancellationToken.None);

    internal Task<RollbackLook> LookAsync(Guid run) => LookAsync(new RollbackSelection(run));

    internal Task<RollbackDone> UndoAsync(
        RollbackSelection selection, BackfillConflictRule rule = BackfillConflictRule.Stop, BackfillConnection? through = null) =>
        (through ?? Connection).Target.Rollbacks.UndoAsync(
            new(Guid.CreateVersion7(), selection, rule, "tester@here", "a test"), CancellationToken.None);

    internal Task<RollbackDone> UndoAsync(Guid run, BackfillConflictRule rule = BackfillConflictRule.Stop) =>
        UndoAsync(new RollbackSelection(run), rule);

    /// <summary>The code of the error that it is refused with.</summary>
    internal async Task<BackfillException> RefusalAsync(RollbackSelection selection, BackfillConflictRule rule = BackfillConflictRule.Stop) =>
        await Assert.ThrowsAsync<BackfillException>(() => UndoAsync(selection, rule));

    /// <summary>A plan of one function that writes a table of its own.</summary>
    internal static BackfillPlan PlanOfTickets(Guid session) => ReadPlan(
        $$"""
        {
          "backfill_plan": {
            "version": "{{Guid.NewGuid()}}", "environment": "staging",
            "engine_version": "v1.2.1", "fc_version": "v1.2", "throttle_per_minute": 20
          },
          "batches": [{"batch_id": "test", "sessions": {{JsonSerializer.Serialize((Guid[])[session])}}, "operations": [{"function": "file"}]}],
          "tables": {"public.ticket": {"session_column": "session_id"} },
          "functions": {"file": {"writes": ["public.ticket"], "expected": {"table": "public.ticket"} } }
        }
        """);

    /// <summary>Leases and quiet periods run out, workers that are gone are no longer seen.</summary>
    public async Task TimePassesAsync()
    {
        await ExecuteAsync("update backfill.worker set seen_at = seen_at - interval '1 day'");
        await ExecuteAsync("""
            update backfill.item
            set lease_until = lease_until - interval '1 day', not_before = not_before - interval '1 day',
                started_at = started_at - interval '1 day', settled_at = settled_at - interval '1 day'
            """);
    }
}
