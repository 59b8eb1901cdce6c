using System.Globalization;
using Backfill.Engine.Connections;
using Backfill.Engine.Gates;
using Backfill.Engine.Health;

namespace Backfill.Engine.Pipeline;

/// <summary>The end of a pipeline, where production needs a backfill.</summary>
internal static class ProductionOutlook
{
    /// <summary>What comes next on production: a person's, whatever stands there.</summary>
    public static async Task<BackfillPipelineStep> AddAsync(
        BackfillConnection production, BackfillPipelineStep step, ProdHealthReport report, CancellationToken stop)
    {
        // Not the run of the plan written now only: that is another plan as soon as a session is done, or one more has come. Its
        // sessions are not free before it has ended, so that a second run would be refused.
        var run = production.MeasuresOnly ? null : await production.Target.Runs.ListAsync(new RunFilter(), stop)
            .FirstOrDefaultAsync(
                r => r.State is BackfillRunState.Pending or BackfillRunState.Suspended or BackfillRunState.Paused or BackfillRunState.Halted or BackfillRunState.Running, stop)
            .ConfigureAwait(false);
        var (from, to) = (step.Connection?.GetName() ?? $"{BackfillEnvironment.Staging}", production.GetName());
        var evidence = $"-EvidenceConnection {from} -EvidenceRunId {step.RunId}";
        step = step with { Status = BackfillPipelineStatus.Halted, Gate = BackfillGateName.ProdApply };
        if (run is null)
        {
            var path = report.PlanPath?.Replace("'", "''", StringComparison.Ordinal);
            return step with
            {
                Message = $"{step.Message} Review {HealthPhase.ReportName} and the plan. Then freeze it as a run, which waits at the gate ProdApply, and call the pipeline again: Invoke-BackfillApply -Path '{path}' -Connection {to}",
            };
        }

        var gate = await new GateService(production).FindAsync(run.RunId, BackfillGateName.ProdApply, stop).ConfigureAwait(false);
        if (gate.ChainBreak is not null)
            throw GateText.ChainBroken(gate);
        var isOpen = gate.Status is BackfillGateStatus.Approved or BackfillGateStatus.Used;
        var there = $"-RunId {run.RunId} -Connection {to}";
        var next = gate.Status == BackfillGateStatus.Denied
            ? $"Its gate ProdApply was denied: {gate.Reason?.TrimEnd('.')}. End it, so that its sessions are free: Stop-BackfillRun {there}"
            : isOpen
            ? $"{(run.State == BackfillRunState.Halted ? "Fix the cause, then resume" : "Resume")} it: Invoke-BackfillApply {there}"
            : $"Review (Get-BackfillGate {there}).Criteria and approve it, then call the pipeline again: Confirm-BackfillGate ProdApply {there} {evidence}";
        var reason = run.Reason is null ? "" : $" ({run.Reason.TrimEnd('.')})";
        var another = run.PlanHash == report.PlanHash
            ? ""
            : " It is not of the plan written now; that one can be frozen when this run has ended.";
        return step with
        {
            RunId = run.RunId,
            Connection = production,
            Gate = isOpen ? null : step.Gate,
            Message = string.Create(CultureInfo.InvariantCulture, $"{step.Message} Run {run.RunId} is {run.State}{reason}, with {run.Remaining} of {run.Total} sessions left.{another} {next}"),
        };
    }
}
