using System.Management.Automation;
using Backfill.PowerShell.Bases;
using Backfill.PowerShell.Parameters;
using Backfill.PowerShell.Views;

namespace Backfill.PowerShell.Cmdlets;

/// <summary>Suspends runs: workers end what is in flight, claim nothing more, and wait.</summary>
[Cmdlet(VerbsLifecycle.Suspend, "BackfillRun", SupportsShouldProcess = true)]
[OutputType(typeof(BackfillRun))]
public sealed class SuspendBackfillRunCommand : RunOrderCmdlet
{
    /// <summary>When the suspension ends by itself; without it, only Resume-BackfillRun ends it.</summary>
    [Parameter]
    [ValidateNotNull]
    [UtcTime]
    public DateTimeOffset? Until { get; set; }

    private protected override string Verb => Until is { } until ? $"Suspend until {ViewText.Minute(until)}" : "Suspend";

    private protected override RunOrder Order(Guid runId) =>
        new(runId, RunAction.Suspend, Reason, Until: Until);
}
