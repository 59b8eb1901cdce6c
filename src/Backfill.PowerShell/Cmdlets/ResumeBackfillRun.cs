using System.Management.Automation;
using Backfill.PowerShell.Bases;
using Backfill.PowerShell.Streams;

namespace Backfill.PowerShell.Cmdlets;

/// <summary>Resumes suspended or halted runs: lifts an operator's suspension, and what halted them.</summary>
[Cmdlet(VerbsLifecycle.Resume, "BackfillRun", SupportsShouldProcess = true)]
[OutputType(typeof(BackfillRun))]
public sealed class ResumeBackfillRunCommand : RunOrderCmdlet
{
    private protected override string Verb => "Resume";

    private protected override RunOrder Order(Guid runId) =>
        new(runId, RunAction.Resume, Reason);

    private protected override void After(BackfillRun run, PipelineStreams streams)
    {
        if (run.ActiveWorkers == 0)
        {
            streams.Warn(
                $"Run {run.RunId} can run again, but no worker is there. Start one with: Invoke-BackfillApply -RunId {run.RunId}{run.Connection?.GetArgument()}");
        }
    }
}
