using System.Management.Automation;
using Backfill.PowerShell.Bases;
using Backfill.PowerShell.Parameters;

namespace Backfill.PowerShell.Cmdlets;

/// <summary>Ends runs for good, after what is in flight. What is left is not called any more.</summary>
[Cmdlet(VerbsLifecycle.Stop, "BackfillRun", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(BackfillRun))]
public sealed class StopBackfillRunCommand : RunOrderCmdlet
{
    /// <summary>Why; kept in the ledger.</summary>
    [Parameter(Mandatory = true)]
    [ValidateNotNullOrEmpty]
    [ReasonText]
    public override string? Reason { get; set; }

    private protected override string Verb => "Stop for good";

    private protected override bool IsForGood => true;

    private protected override RunOrder Order(Guid runId) =>
        new(runId, RunAction.Stop, Reason);
}
