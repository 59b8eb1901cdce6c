using System.Text;
using System.Text.Json;
using Backfill.Engine.Apply;
using Backfill.Engine.Connections;
using Backfill.Engine.Gates;
using Backfill.Engine.Ledger;
using Backfill.Engine.Plans;
using Backfill.Engine.Tests.Connections;
using Backfill.Engine.Tests.Sandbox;

namespace Backfill.Engine.Tests.Apply;

/// <summary>A sandbox with its ledger, connected to; plans of chosen sessions; and runs of them.</summary>
public class ApplyWorld : SandboxFixture, IAsyncLifetime
{
    public const int QuickPace = 60_000;

    private PgBouncer? _pooler;

    /// <summary>Settings of a run that is frozen by hand.</summary>
    public static RunSettings Settings { get; } = new(
        QuickPace, 4, TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(10), ApplyDefaults.Breaker);

    public BackfillConnection Connection { get; private set; } = null!;

    /// <summary>How the database is reached.</summary>
    protected virtual string DatabaseUrl => _pooler is null
        ? Sandbox.Info.DatabaseUrl
        : new UriBuilder(Sandbox.Info.DatabaseUrl) { Port = _pooler.Port }.Uri.ToString();

    /// <summary>What its ledger says it is.</summary>
    protected virtual BackfillEnvironment Environment => BackfillEnvironment.Staging;

    public IRunReader Runs => Connection.Target.Runs;

    public new async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await OpenWayAsync();
        await using (var bare = (await ConnectAsync(requireLedger: false)).Target)
            await bare.InstallLedgerAsync(Environment, adopt: false, sandbox: true, CancellationToken.None);
        Connection = await ConnectAsync(requireLedger: true);
    }

    public new async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (Connection is not null)
            await Connection.Target.DisposeAsync();
        await CloseWayAsync();
        await base.DisposeAsync();
    }

    /// <summary>What must be there before the database can be reached.</summary>
    /// <remarks>With BACKFILL_TEST_POOLER=transaction, which is part of the full suite, every world lies behind PgBouncer.</remarks>
    protected virtual async Task OpenWayAsync()
    {
        if (System.Environment.GetEnvironmentVariable("BACKFILL_TEST_POOLER") == "transaction")
            _pooler = await PgBouncer.StartAsync(Sandbox.Info.DatabaseUrl, "transaction", poolSize: 30);
    }

    protected virtual async Task CloseWayAsync()
    {
        if (_pooler is not null)
            await _pooler.DisposeAsync();
    }

    public Task<BackfillConnection> ConnectAsync(bool requireLedger) => SupabaseConnector.ConnectAsync(
        new ConnectionOptions
        {
            ApiUrl = Sandbox.Info.ApiUrl,
            ServiceRoleKey = Sandbox.Info.ServiceRoleKey,
            AnonKey = Sandbox.Info.AnonKey,
            DatabaseUrl = DatabaseUrl,
            ProjectRef = Sandbox.Info.ProjectRef,
        },
        null,
        requireLedger,
        CancellationToken.None);

    /// <summary>A plan of both functions for the given sessions.</summary>
    public static BackfillPlan PlanOf(params Guid[] sessions) => Plan(
        $"\"sessions\": {JsonSerializer.Serialize(sessions)}",
        """
        {"function": "score_fc_session", "params": {"version": "v1.2", "basis": "functions"}},
        {"function": "score_prism", "params": {"engine_version": "v1.2.1"}}
        """);

    /// <summary>A plan of one batch.</summary>
    public static BackfillPlan Plan(string sessions, string operations) => ReadPlan(
        $$"""
        {
          "backfill_plan": {
            "version": "{{Guid.NewGuid()}}", "timestamp": "2025-09-17T08:00:00Z", "environment": "staging",
            "engine_version": "v1.2.1", "fc_version": "v1.2",
            "throttle_per_minute": 20, "batch_size": 5, "total_candidates": 1, "expected_runtime_minutes": 1
          },
          "batches": [{"batch_id": "test", "description": "", {{sessions}}, "operations": [{{operations}}]}]
        }
        """);

    public static BackfillPlan ReadPlan(string json)
    {
        var reading = new PlanReader().Read(Encoding.UTF8.GetBytes(json), "test.json");
        return reading.Plan ?? throw new InvalidOperationException(string.Join('\n', reading.Problems.Select(p => p.Message)));
    }

    /// <summary>Runs a plan to its end, at a pace that is out of the way.</summary>
    public Task<ApplyOutcome> ApplyAsync(BackfillPlan plan) =>
        ApplyAsync(new ApplyRequest { Plan = plan, OutputPath = NewFolder(), ThrottlePerMinute = QuickPace });

    public async Task<ApplyOutcome> ApplyAsync(ApplyRequest request)
    {
        var sink = new RecordingSink();
        var end = await new ApplyPhase(Connection, TimeProvider.System).RunAsync(request, sink, CancellationToken.None);
        return new(end, sink, request.OutputPath);
    }

    /// <summary>Approves a gate as it stands, whatever was decided before.</summary>
    public async Task<BackfillGate> ApproveAsync(Guid runId, BackfillGateName name)
    {
        var desk = new GateService(Connection);
        var gate = await desk.FindAsync(runId, name, CancellationToken.None);
        return await desk.DecideAsync(
            new() { Seen = gate, Approve = true, ReplacesDecision = true, Reason = "a test", Override = true }, CancellationToken.None);
    }

    /// <summary>A folder for one run's artifacts; gone when the tests end.</summary>
    public static string NewFolder() => Directory.CreateDirectory(Path.Combine(TestFolders.Root, Guid.NewGuid().ToString("N"))).FullName;
}

/// <summary>How a run ended, and what it reported on the way.</summary>
public sealed record ApplyOutcome(ApplyEnd End, RecordingSink Sink, string OutputPath)
{
    public BackfillRun Run => End.Run;

    public BackfillSessionResult Of(Guid session) => Sink.Results.Single(r => r.SessionId == session);
}

/// <summary>Keeps what a worker reports.</summary>
public sealed class RecordingSink : IApplySink
{
    private readonly Lock _lock = new();
    private readonly List<BackfillSessionResult> _results = [];
    private readonly List<string> _warnings = [];
    private readonly List<string> _explanations = [];
    private readonly List<string> _milestones = [];

    public IReadOnlyList<BackfillSessionResult> Results
    {
        get
        {
            lock (_lock)
                return [.. _results];
        }
    }

    public IReadOnlyList<string> Warnings
    {
        get
        {
            lock (_lock)
                return [.. _warnings];
        }
    }

    public IReadOnlyList<string> Explanations
    {
        get
        {
            lock (_lock)
                return [.. _explanations];
        }
    }

    public IReadOnlyList<string> Milestones
    {
        get
        {
            lock (_lock)
                return [.. _milestones];
        }
    }

    public void Settled(BackfillSessionResult result)
    {
        lock (_lock)
            _results.Add(result);
    }

    public void Warn(string message)
    {
        lock (_lock)
            _warnings.Add(message);
    }

    public void Progressed(ApplyProgress progress)
    {
    }

    public void Explain(string message)
    {
        lock (_lock)
            _explanations.Add(message);
    }

    public void Milestone(string message, string tag)
    {
        lock (_lock)
            _milestones.Add(message);
    }
}
