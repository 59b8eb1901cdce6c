using System.Management.Automation;
using Backfill.PowerShell.Bases;

namespace Backfill.PowerShell.Cmdlets;

/// <summary>
/// Denies a gate: the next phase does not start. An approval that has not been used is withdrawn by handing its gate over.
/// </summary>
[Cmdlet(
    VerbsLifecycle.Deny, "BackfillGate", DefaultParameterSetName =
        GateSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(BackfillGate))]
public sealed class DenyBackfillGateCommand : GateCmdlet
{
    private protected override string Verb => "Deny";

    private protected override GateDecision Decision(BackfillGate seen) => new() { Seen = seen, Approve = false, Reason = Reason };
}
