using Backfill.Engine.Tests.Rollback;
using Backfill.Engine.Tests.Soak;

namespace Backfill.Engine.Tests.Failures;

/// <summary>A use case, begun as a cmdlet begins it.</summary>
/// <param name="Name">Its method.</param>
/// <param name="RunAsync">Runs it.</param>
/// <param name="Reads">Whether it only reads, so that it can be run again and again.</param>
internal sealed record UseCase(string Name, Func<Place, CancellationToken, Task> RunAsync, bool Reads = true);

/// <summary>Where a use case is run.</summary>
/// <param name="Connection">The target.</param>
/// <param name="Options">What opens it.</param>
/// <param name="Folder">Where files go.</param>
internal sealed record Place(BackfillConnection Connection, ConnectionOptions Options, string Folder);

/// <summary>Every use case that needs a database, on a run that is done.</summary>
internal static class UseCases
{
    private static readonly BackfillEngine Engine = new();

    public static IReadOnlyList<UseCase> On(BackfillPlan plan, Guid run, BackfillGate gate)
    {
        var selection = new RollbackSelection(run);
        var decision = new GateDecision { Seen = gate, Approve = true, ReplacesDecision = true, Reason = "a test", Override = true };
        var query = new HealthQuery(DateTimeOffset.UtcNow.AddDays(-1), null, "v1.2.1", "v1.2", 10, TimeSpan.FromMinutes(1));
        return
        [
            new(nameof(Engine.ConnectAsync), async (p, stop) =>
                await Engine.DisconnectAsync(await Engine.ConnectAsync(p.Options, null, ConnectionUse.Work, stop))),
            new(nameof(Engine.InstallLedgerAsync), (p, stop) =>
                Engine.InstallLedgerAsync(p.Connection, BackfillEnvironment.Staging, false, true, stop), Reads: false),
            new(nameof(Engine.PreviewLedgerAsync), (p, stop) =>
                Engine.PreviewLedgerAsync(p.Connection, BackfillEnvironment.Staging, false, true, stop)),
            new(nameof(Engine.RequireAsync), (p, stop) => Engine.RequireAsync(p.Connection, new RunOrder(run, RunAction.Stop, "a test"), stop)),
            new(nameof(Engine.WritePlanAsync), (p, stop) => Engine.WritePlanAsync(
                new()
                {
                    Sessions = plan.Batches[0].Sessions, Connection = p.Connection, Environment = BackfillEnvironment.Staging, Path = Path.Combine(p.Folder, "plan.json"),
                    Overwrite = true,
                },
                stop)),
            new(nameof(Engine.PreviewApplyAsync), (p, stop) => Engine.PreviewApplyAsync(p.Connection, new() { Plan = plan, OutputPath = p.Folder }, stop)),
            new(nameof(Engine.ApplyAsync), (p, stop) =>
                Engine.ApplyAsync(p.Connection, new() { Plan = plan, OutputPath = p.Folder }, new Apply.RecordingSink(), stop), Reads: false),
            new(nameof(Engine.ListRunsAsync), (p, stop) => AllAsync(Engine.ListRunsAsync(p.Connection, new(), stop))),
            new(nameof(Engine.ReadResultsAsync), (p, stop) => AllAsync(Engine.ReadResultsAsync(p.Connection, run, null, stop))),
            new(nameof(Engine.ReadEventsAsync), (p, stop) => AllAsync(Engine.ReadEventsAsync(p.Connection, run, 10, stop))),
            new(nameof(Engine.ReadImagesAsync), (p, stop) => AllAsync(Engine.ReadImagesAsync(p.Connection, run, [.. plan.Batches[0].Sessions], stop))),
            new(nameof(Engine.ReadRunLabelsAsync), (p, stop) => Engine.ReadRunLabelsAsync(p.Connection, null, null, 10, stop)),
            new(nameof(Engine.ReadBatchIdsAsync), (p, stop) => Engine.ReadBatchIdsAsync(p.Connection, run, stop)),
            new(nameof(Engine.SteerAsync), (p, stop) => Engine.SteerAsync(p.Connection, new(run, RunAction.Stop, "a test"), stop), Reads: false),
            new(nameof(Engine.PreviewRollbackAsync), (p, stop) => Engine.PreviewRollbackAsync(p.Connection, selection, stop)),
            new(nameof(Engine.RollBackAsync), (p, stop) =>
                Engine.RollBackAsync(p.Connection, selection, BackfillConflictRule.Stop, "a test", stop), Reads: false),
            new(nameof(Engine.WriteRollbackAsync), (p, stop) => Engine.WriteRollbackAsync(p.Connection, selection, p.Folder, stop)),
            new(nameof(Engine.WriteTimestampRollbackAsync), (p, stop) =>
                Engine.WriteTimestampRollbackAsync(p.Connection, new(null, run, null, DateTimeOffset.UtcNow.AddDays(-1), null), p.Folder, stop)),
            new(nameof(Engine.ReadGatesAsync), (p, stop) => Engine.ReadGatesAsync(p.Connection, run, stop)),
            new(nameof(Engine.FindGateAsync), (p, stop) => Engine.FindGateAsync(p.Connection, run, gate.Name, true, stop)),
            new(nameof(Engine.PreviewDecisionAsync), (p, stop) => Engine.PreviewDecisionAsync(p.Connection, decision, stop)),
            new(nameof(Engine.DecideAsync), (p, stop) => Engine.DecideAsync(p.Connection, decision, stop), Reads: false),
            new(nameof(Engine.SoakAsync), (p, stop) => Engine.SoakAsync(
                p.Connection, new() { Since = DateTimeOffset.UtcNow.AddHours(-1), OutputPath = p.Folder }, new SoakSink(), stop), Reads: false),
            new(nameof(Engine.ReadSoakAsync), (p, stop) => Engine.ReadSoakAsync(p.Connection, run, stop)),
            new(nameof(Engine.FindCandidatesAsync), (p, stop) => AllAsync(Engine.FindCandidatesAsync(p.Connection, query, stop))),
            new(nameof(Engine.CheckHealthAsync), (p, stop) =>
                Engine.CheckHealthAsync(p.Connection, new() { Query = query, OutputPath = p.Folder }, _ => { }, stop)),
            new(nameof(Engine.RunPipelineAsync), (p, stop) =>
                Engine.RunPipelineAsync(p.Connection, null, new() { Plan = plan, OutputPath = p.Folder }, new FailingSteps(), stop), Reads: false),
            new(nameof(Engine.ExportReportAsync), (p, stop) => Engine.ExportReportAsync(p.Connection, run, Path.Combine(p.Folder, "report.html"), stop)),
            new(nameof(Engine.PreviewRemovalAsync), (p, stop) => Engine.PreviewRemovalAsync(p.Connection, new([run], null), stop)),
            new(nameof(Engine.RemoveRunsAsync), (p, stop) => Engine.RemoveRunsAsync(
                p.Connection, [new(run, BackfillRunState.Completed, "", null, 0, 0, 0, 0, 0, 0, null)], stop), Reads: false),
        ];
    }

    private static async Task AllAsync<T>(IAsyncEnumerable<T> rows)
    {
        await foreach (var _ in rows)
        {
        }
    }

    /// <summary>A pipeline's failure is an error of its step; here it is thrown, as any other use case's is.</summary>
    private sealed class FailingSteps : IPipelineSink
    {
        public IApplySink Apply { get; } = new Apply.RecordingSink();

        public ISoakSink Soak { get; } = new SoakSink();

        public void Ended(BackfillPipelineStep step)
        {
        }

        public void Failed(BackfillException error) => throw error;
    }
}
