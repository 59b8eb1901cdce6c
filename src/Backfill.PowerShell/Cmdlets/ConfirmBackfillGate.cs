using System.Management.Automation;
using Backfill.PowerShell.Bases;
using Backfill.PowerShell.Completion;
using Backfill.PowerShell.Parameters;

namespace Backfill.PowerShell.Cmdlets;

/// <summary>Approves a gate, on exactly the evidence that is there: the next phase may start once.</summary>
[Cmdlet(
    VerbsLifecycle.Confirm, "BackfillGate", DefaultParameterSetName =
        GateSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(BackfillGate))]
public sealed class ConfirmBackfillGateCommand : GateCmdlet
{
    /// <summary>How long the approval may wait to be used; 24 h by default, 7 days at most.</summary>
    [Parameter]
    [ValidateNotNull]
    [Span]
    [ArgumentCompleter(typeof(SpanCompleter))]
    public TimeSpan? ExpiresIn { get; set; }

    /// <summary>Approves though criteria are not met. Everything after says so.</summary>
    [Parameter]
    public SwitchParameter Override { get; set; }

    private protected override string Verb => Override ? "Approve, with -Override," : "Approve";

    private protected override GateDecision Decision(BackfillGate seen) =>
        new() { Seen = seen, Approve = true, Reason = Reason, ExpiresIn = ExpiresIn, Override = Override };
}
