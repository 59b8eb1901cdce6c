using System.Management.Automation;
using Backfill.PowerShell.Bases;

namespace Backfill.PowerShell.Cmdlets;

/// <summary>Suspends runs: workers end what is in flight, claim nothing more, and wait.</summary>
[Cmdlet(VerbsLifecycle.Suspend, "BackfillRun", SupportsShouldProcess = true)]
[OutputType(typeof(BackfillRun))]
public sealed class SuspendBackfillRunCommand : RunOrderCmdlet
{
    private protected override string Verb => "Suspend";

    private protected override RunOrder Order(Guid runId) =>
        new(runId, RunAction.Suspend, Reason);
}
