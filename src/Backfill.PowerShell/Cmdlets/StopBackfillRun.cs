using System.Management.Automation;
using Backfill.PowerShell.Bases;

namespace Backfill.PowerShell.Cmdlets;

/// <summary>Ends runs for good, after what is in flight. What is left is not called any more.</summary>
[Cmdlet(VerbsLifecycle.Stop, "BackfillRun", SupportsShouldProcess = true)]
[OutputType(typeof(BackfillRun))]
public sealed class StopBackfillRunCommand : RunOrderCmdlet
{
    private protected override bool IsForGood => true;

    private protected override string Verb => "Stop for good";

    private protected override RunOrder Order(Guid runId) =>
        new(runId, RunAction.Stop, Reason);
}
