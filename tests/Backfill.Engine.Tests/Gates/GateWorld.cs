using Backfill.Engine.Connections;
using Backfill.Engine.Gates;
using Backfill.Engine.Tests.Apply;
using Backfill.Engine.Tests.Soak;

namespace Backfill.Engine.Tests.Gates;

/// <summary>A staging world whose runs come to their gates.</summary>
public sealed class GateWorld : SoakWorld, IAsyncLifetime
{
    /// <summary>In the order in which they can be filled.</summary>
    private static readonly string[] Tables =
        ["plan", "plan_session", "run", "run_event", "worker", "item", "operation", "image", "soak", "soak_sample", "gate"];

    private readonly Dictionary<string, Guid> _kept = [];

    public GateService Desk => new(Connection);

    /// <summary>A run as it was made the first time, however it was tampered with since.</summary>
    public async Task<Guid> AsMadeAsync(string name, Func<Task<Guid>> make)
    {
        if (_kept.TryGetValue(name, out var kept))
        {
            await ExecuteAsync(
                "delete from backfill.run; delete from backfill.plan_session; delete from backfill.plan;"
                + string.Join(';', Tables.Select(t => $"insert into backfill.{t} overriding system value select * from {name}.{t}")));
            return kept;
        }

        await FreshAsync();
        kept = await make();
        await AsSuperuserAsync($"create schema {name}; grant all on schema {name} to public");
        await ExecuteAsync(string.Join(';', Tables.Select(t => $"create table {name}.{t} as table backfill.{t}")));
        return _kept[name] = kept;
    }

    /// <summary>A completed run of one session, at its review.</summary>
    public async Task<Guid> AppliedAsync() => (await ApplyAsync(PlanOf(New[0]))).Run.RunId;

    /// <summary>The same, approved, soaked, and the soak ended.</summary>
    public async Task<Guid> SoakedAsync()
    {
        var runId = await RunAsync();
        await SoakAsync(SoakOf(runId));
        return runId;
    }

    /// <summary>A soak of a moment.</summary>
    public static SoakRequest SoakOf(Guid runId) => new()
    {
        RunId = runId,
        Duration = TimeSpan.FromMilliseconds(400),
        Interval = TimeSpan.FromMilliseconds(200),
        OutputPath = NewFolder(),
    };

    public Task<BackfillGate> GateAsync(Guid runId, BackfillGateName name) => Desk.FindAsync(runId, name, CancellationToken.None);

    public async Task<BackfillGate> DecideAsync(Guid runId, BackfillGateName name, bool approve, TimeSpan? expiresIn = null) =>
        await Desk.DecideAsync(
            new()
            {
                Seen = await GateAsync(runId, name),
                Approve = approve,
                ReplacesDecision = true,
                Reason = "a test",
                Override = true,
                ExpiresIn = expiresIn,
            },
            CancellationToken.None);

    /// <summary>Approves by name, without an override.</summary>
    public async Task<BackfillGate> ApproveByNameAsync(Guid runId, BackfillGateName name) =>
        await Desk.DecideAsync(await DecisionAsync(runId, name), CancellationToken.None);

    public async Task<GateDecision> DecisionAsync(Guid runId, BackfillGateName name) =>
        new() { Seen = await GateAsync(runId, name), Approve = true, Reason = "a test" };

    public Task UndoAsync(Guid runId) => Connection.Target.Rollbacks.UndoAsync(
        new(Guid.CreateVersion7(), new RollbackSelection(runId), BackfillConflictRule.Stop, "tester@here", "a test"), CancellationToken.None);

    public async Task<string> SoakRefusalAsync(Guid runId) =>
        (await Assert.ThrowsAsync<BackfillException>(() => SoakAsync(SoakOf(runId)))).Code;

    public Task<long> DecisionsAsync() => ScalarAsync<long>("select count(*) from backfill.gate");
}

/// <summary>A sandbox that poses as production.</summary>
public sealed class ProductionWorld : RunWorld
{
    protected override string[] SandboxArguments => ["--environment", "production"];

    protected override BackfillEnvironment Environment => BackfillEnvironment.Production;

    public GateService Desk => new(Connection);

    /// <summary>A plan of both functions for production.</summary>
    public static BackfillPlan ProductionPlanOf(params Guid[] sessions) =>
        ReadPlan(PlanOf(sessions).GetDocument().Replace("\"staging\"", "\"production\"", StringComparison.Ordinal));

    /// <summary>A run that was given to production, and waits.</summary>
    public async Task<ApplyOutcome> FreezeAsync(params Guid[] sessions) => await ApplyAsync(ProductionPlanOf(sessions));

    public Task<ApplyOutcome> GoOnAsync(Guid runId) => ApplyAsync(new ApplyRequest { RunId = runId, OutputPath = NewFolder() });

    public async Task<string> RefusalAsync(Guid runId) => (await Assert.ThrowsAsync<BackfillException>(() => GoOnAsync(runId))).Code;

    public Task<BackfillGate> GateAsync(Guid runId) => Desk.FindAsync(runId, BackfillGateName.ProdApply, CancellationToken.None);

    /// <summary>A decision to approve, without an override.</summary>
    public async Task<GateDecision> DecisionAsync(Guid runId, BackfillConnection? evidence, Guid? evidenceRun) => new()
    {
        Seen = await GateAsync(runId),
        Approve = true,
        Reason = "a test",
        EvidenceConnection = evidence,
        EvidenceRunId = evidenceRun,
    };
}

/// <summary>The tests that share a staging and a production world, one after another.</summary>
[CollectionDefinition(Name)]
public sealed class GateTests : ICollectionFixture<GateWorld>, ICollectionFixture<ProductionWorld>
{
    public const string Name = "Gates";
}
