using System.Runtime.CompilerServices;
using Backfill.Engine.Apply;
using Backfill.Engine.Apply.Steer;
using Backfill.Engine.Connections;
using Backfill.Engine.Gates;
using Backfill.Engine.Health;
using Backfill.Engine.Ledger;
using Backfill.Engine.Pipeline;
using Backfill.Engine.Plans;
using Backfill.Engine.Purge;
using Backfill.Engine.Reports.Html;
using Backfill.Engine.Rollback;
using Backfill.Engine.Soak;

namespace Backfill.Engine;

/// <summary>The engine's only entry: each use case, and the class that carries it out.</summary>
public sealed class BackfillEngine : IBackfillEngine
{
    private static TimeProvider Time => TimeProvider.System;

    /// <inheritdoc/>
    public IReadOnlyList<KnownFunctionTables> KnownFunctions =>
        [.. Plans.KnownFunctions.Default.Functions.Select(f => new KnownFunctionTables(f.Name, f.Writes))];

    /// <inheritdoc/>
    public async Task<BackfillConnection> ConnectAsync(
        ConnectionOptions options, BackfillEnvironment? expected, ConnectionUse use, CancellationToken cancellationToken)
    {
        var connection = use == ConnectionUse.Measure
            ? await SupabaseConnector.ConnectToMeasureAsync(options, expected ?? throw new ArgumentNullException(nameof(expected)), cancellationToken).ConfigureAwait(false)
            : await SupabaseConnector.ConnectAsync(options, expected, requireLedger: use == ConnectionUse.Work, cancellationToken)
                .ConfigureAwait(false);
        OpenTarget.Of(connection).Naming = options.NameInCommands;
        return connection;
    }

    /// <inheritdoc/>
    public Task DisconnectAsync(BackfillConnection connection) => OpenTarget.Of(connection).CloseAsync();

    /// <inheritdoc/>
    public IAsyncEnumerable<BackfillCheck> CheckAsync(
        ConnectionOptions options, BackfillEnvironment? expected, CancellationToken cancellationToken) =>
        SupabaseConnector.CheckAsync(options, expected, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<BackfillCheck> CheckAsync(BackfillConnection connection, CancellationToken cancellationToken) =>
        SupabaseConnector.CheckAsync(connection, cancellationToken);

    /// <inheritdoc/>
    public Task<LedgerOutlook> PreviewLedgerAsync(
        BackfillConnection connection, BackfillEnvironment environment, bool adopt, bool sandbox, CancellationToken cancellationToken) =>
        ((SupabaseTarget)connection.Target).PreviewLedgerAsync(environment, adopt, sandbox, cancellationToken);

    /// <inheritdoc/>
    public async Task InstallLedgerAsync(
        BackfillConnection connection, BackfillEnvironment environment, bool adopt, bool sandbox, CancellationToken cancellationToken)
    {
        var open = OpenTarget.Of(connection);
        open.Identity = await open.Target.InstallLedgerAsync(environment, adopt, sandbox, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public PlanReading ReadPlan(string path) => new PlanReader().Read(path);

    /// <inheritdoc/>
    public Task<SessionPlan> WritePlanAsync(SessionPlanRequest request, CancellationToken cancellationToken) =>
        SessionPlanner.WriteAsync(request, cancellationToken);

    /// <inheritdoc/>
    public async Task<ApplyPreview> PreviewApplyAsync(
        BackfillConnection connection, ApplyRequest request, CancellationToken cancellationToken)
    {
        await connection.RequireSameLedgerAsync(cancellationToken).ConfigureAwait(false);
        return await new ApplyPhase(connection, Time).PreviewAsync(request, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<ApplyEnd> ApplyAsync(BackfillConnection connection, ApplyRequest request, IApplySink sink, CancellationToken stop)
    {
        await connection.RequireSameLedgerAsync(stop).ConfigureAwait(false);
        return await new ApplyPhase(connection, Time).RunAsync(request, sink, stop).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<BackfillRun> ListRunsAsync(
        BackfillConnection connection, RunFilter filter, CancellationToken cancellationToken) =>
        connection.Target.Runs.ListAsync(filter, cancellationToken).Select(r => r with { Connection = connection });

    /// <inheritdoc/>
    public IAsyncEnumerable<BackfillSessionResult> ReadResultsAsync(
        BackfillConnection connection, Guid runId, BackfillOutcome? outcome, CancellationToken cancellationToken) =>
        connection.Target.Runs.ReadSessionsAsync(runId, outcome, cancellationToken).Select(r => r with { Connection = connection });

    /// <inheritdoc/>
    public Task<IReadOnlyList<RunLabel>> ReadRunLabelsAsync(
        BackfillConnection connection,
        RunAction? action,
        IReadOnlyCollection<BackfillRunState>? states,
        int most,
        CancellationToken cancellationToken) =>
        connection.Target.Runs.ReadLabelsAsync(
            action is { } order ? RunTransitions.StatesFor(order) : states?.Select(s => s.ToString()).ToList(), most, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ReadBatchIdsAsync(BackfillConnection connection, Guid? runId, CancellationToken cancellationToken) =>
        connection.Target.Runs.ReadBatchIdsAsync(runId, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<BackfillEvent> ReadEventsAsync(
        BackfillConnection connection, Guid? runId, int? last, CancellationToken cancellationToken) =>
        connection.Target.Runs.ReadEventsAsync(runId, last, cancellationToken).Select(e => e with { Connection = connection });

    /// <inheritdoc/>
    public async IAsyncEnumerable<BackfillImage> ReadImagesAsync(
        BackfillConnection connection, Guid runId, IReadOnlyCollection<Guid> sessions, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // A row may be large, so they are read some sessions at a time.
        const int SessionsAtOnce = 100;
        var ledger = connection.Target.Ledger;
        var ticket = await ledger.OpenAsync(runId, cancellationToken).ConfigureAwait(false);
        foreach (var some in sessions.Chunk(SessionsAtOnce))
        {
            var rows = (await ledger.ReadImagesAsync(ticket, some, cancellationToken).ConfigureAwait(false)).ToLookup(r => r.SessionId);
            foreach (var image in some.SelectMany(s => ImageColumns.Of(ticket, s, rows[s])))
                yield return image with { Connection = connection };
        }
    }

    /// <inheritdoc/>
    public async Task<BackfillRun> SteerAsync(BackfillConnection connection, RunOrder order, CancellationToken cancellationToken)
    {
        await connection.RequireSameLedgerAsync(cancellationToken).ConfigureAwait(false);
        return await new RunSteering(connection, Time).OrderAsync(order, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<RollbackLook> PreviewRollbackAsync(
        BackfillConnection connection, RollbackSelection selection, CancellationToken cancellationToken)
    {
        await connection.RequireSameLedgerAsync(cancellationToken).ConfigureAwait(false);
        return await new RollbackPhase(connection).LookAsync(selection, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<RollbackDone> RollBackAsync(
        BackfillConnection connection, RollbackSelection selection, BackfillConflictRule rule, string? reason, CancellationToken cancellationToken)
    {
        await connection.RequireSameLedgerAsync(cancellationToken).ConfigureAwait(false);
        return await new RollbackPhase(connection).UndoAsync(
            new(Guid.CreateVersion7(), selection, rule, RunSteering.ThisOperator, reason), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<WrittenRollback> WriteRollbackAsync(
        BackfillConnection connection, RollbackSelection selection, string outputPath, CancellationToken cancellationToken)
    {
        await connection.RequireSameLedgerAsync(cancellationToken).ConfigureAwait(false);
        return await new RollbackPhase(connection).WriteAsync(selection, outputPath, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<BackfillRollback> WriteTimestampRollbackAsync(
        BackfillConnection connection, TimestampRollbackRequest request, string outputPath, CancellationToken cancellationToken)
    {
        await connection.RequireSameLedgerAsync(cancellationToken).ConfigureAwait(false);
        return await new RollbackPhase(connection).WriteByTimestampAsync(request, outputPath, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<BackfillGate>> ReadGatesAsync(
        BackfillConnection connection, Guid runId, CancellationToken cancellationToken) =>
        new GateService(connection).ReadAsync(runId, cancellationToken);

    /// <inheritdoc/>
    public async Task<BackfillGate> FindGateAsync(
        BackfillConnection connection, Guid runId, BackfillGateName name, bool mustBeRaised, CancellationToken cancellationToken)
    {
        var gate = await new GateService(connection).FindAsync(runId, name, cancellationToken).ConfigureAwait(false);
        return mustBeRaised && gate.RaisedAt is null && gate.DecidedBy is null ? throw GateText.NotRaised(gate, GateRequest.Approve) : gate;
    }

    /// <inheritdoc/>
    public BackfillException? FindChainBreak(BackfillGate gate) => gate.ChainBreak is null ? null : GateText.ChainBroken(gate);

    /// <inheritdoc/>
    public async Task<GatePreview> PreviewDecisionAsync(
        BackfillConnection connection, GateDecision decision, CancellationToken cancellationToken)
    {
        await RequireSameLedgersAsync(connection, decision.EvidenceConnection, cancellationToken).ConfigureAwait(false);
        var gate = await new GateService(connection).PreviewAsync(decision, cancellationToken).ConfigureAwait(false);
        return new(gate, GateText.Denial(decision.Seen), GateText.Unmet(gate));
    }

    /// <inheritdoc/>
    public async Task<BackfillGate> DecideAsync(BackfillConnection connection, GateDecision decision, CancellationToken cancellationToken)
    {
        await RequireSameLedgersAsync(connection, decision.EvidenceConnection, cancellationToken).ConfigureAwait(false);
        return await new GateService(connection).DecideAsync(decision, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<SoakResult> SoakAsync(BackfillConnection connection, SoakRequest request, ISoakSink sink, CancellationToken stop)
    {
        if (request.RunId is not null)
            await connection.RequireSameLedgerAsync(stop).ConfigureAwait(false);
        var end = await new SoakPhase(connection, Time).RunAsync(request, sink, stop).ConfigureAwait(false);
        return new(end.Soak.RunId, end.Verdict, end.Reason, end.CanGoOn, end.Samples is [.., var last] ? last : null, end.Artifacts, end.Unwritten);
    }

    /// <inheritdoc/>
    public async Task<SoakReading?> ReadSoakAsync(BackfillConnection connection, Guid runId, CancellationToken cancellationToken)
    {
        var soaks = connection.Target.Soaks;
        if (await soaks.FindLatestAsync(runId, cancellationToken).ConfigureAwait(false) is not { } soak)
            return null;
        var samples = await soaks.ReadAsync(soak, 0, cancellationToken).ConfigureAwait(false);
        return new(
            soak.Window.End, soak.Ending?.Verdict, soak.Ending?.Reason, [.. samples.Select(s => s with { Connection = connection })]);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<BackfillCandidate> FindCandidatesAsync(
        BackfillConnection connection, HealthQuery query, CancellationToken cancellationToken) =>
        new HealthPhase(connection, Time).FindAsync(query, cancellationToken);

    /// <inheritdoc/>
    public Task<ProdHealthReport> CheckHealthAsync(
        BackfillConnection connection, HealthRequest request, Action<string> warn, CancellationToken cancellationToken) =>
        new HealthPhase(connection, Time).CheckAsync(request, warn, cancellationToken);

    /// <inheritdoc/>
    public async Task RunPipelineAsync(
        BackfillConnection connection, BackfillConnection? production, PipelineRequest request, IPipelineSink sink, CancellationToken stop)
    {
        await RequireSameLedgersAsync(connection, production, stop).ConfigureAwait(false);
        await new PipelineDirector(connection, production, Time).RunAsync(request, sink, stop).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<string> ExportReportAsync(BackfillConnection connection, Guid runId, string path, CancellationToken cancellationToken) =>
        new HtmlReport(connection).WriteAsync(runId, path, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<RunToRemove>> PreviewRemovalAsync(
        BackfillConnection connection, PurgeSelection selection, CancellationToken cancellationToken) =>
        new PurgePhase(connection).LookAsync(selection, cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<RunToRemove>> RemoveRunsAsync(
        BackfillConnection connection, IReadOnlyList<RunToRemove> runs, CancellationToken cancellationToken)
    {
        await connection.RequireSameLedgerAsync(cancellationToken).ConfigureAwait(false);
        return await new PurgePhase(connection).RemoveAsync(runs, cancellationToken).ConfigureAwait(false);
    }

    private static async Task RequireSameLedgersAsync(
        BackfillConnection connection, BackfillConnection? other, CancellationToken cancellationToken)
    {
        await connection.RequireSameLedgerAsync(cancellationToken).ConfigureAwait(false);
        if (other is not null)
            await other.RequireSameLedgerAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task RequireAsync(BackfillConnection connection, RunOrder order, CancellationToken cancellationToken) =>
        new RunSteering(connection, Time).RequireAsync(order, cancellationToken);

    /// <inheritdoc/>
    public Task RequireAsync(BackfillConnection connection, SoakRequest request, CancellationToken cancellationToken) =>
        new SoakPhase(connection, Time).RequireAsync(request, cancellationToken);

    /// <inheritdoc/>
    public Task RequireAsync(
        BackfillConnection connection, BackfillConnection? production, PipelineRequest request, CancellationToken cancellationToken) =>
        new PipelineDirector(connection, production, Time).RequireAsync(request, cancellationToken);

    /// <inheritdoc/>
    public Task RequireAsync(SessionPlanRequest request, CancellationToken cancellationToken) =>
        SessionPlanner.RequireAsync(request, cancellationToken);
}
