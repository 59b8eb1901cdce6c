using System.Management.Automation;
using Backfill.PowerShell.Bases;
using Backfill.PowerShell.Streams;

namespace Backfill.PowerShell.Cmdlets;

/// <summary>Lets suspended or halted runs go on.</summary>
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
                $"Run {run.RunId} may go on, but no worker is there to do it. Start one with: Invoke-BackfillApply -RunId {run.RunId}{run.Connection?.GetArgument()}");
        }
    }
}
