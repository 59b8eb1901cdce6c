using System.Management.Automation;
using Backfill.PowerShell.Bases;

namespace Backfill.PowerShell.Cmdlets;

/// <summary>Changes the pace or the concurrency of runs while they go on.</summary>
[Cmdlet(VerbsCommon.Set, "BackfillRun", SupportsShouldProcess = true)]
[OutputType(typeof(BackfillRun))]
public sealed class SetBackfillRunCommand : RunOrderCmdlet
{
    /// <summary>Session attempts a minute; the plan's rate is the most, outside the sandbox.</summary>
    [Parameter]
    [ValidateNotNull]
    public int? ThrottlePerMinute { get; set; }

    /// <summary>Sessions in hand at once, in each worker.</summary>
    [Parameter]
    [ValidateNotNull]
    public int? ConcurrencyLimit { get; set; }

    private protected override string Verb => (ThrottlePerMinute, ConcurrencyLimit) switch
    {
        ({ } pace, null) => FormattableString.Invariant($"Change to {pace} a minute"),
        (null, { } limit) => FormattableString.Invariant($"Change to {limit} in hand at once"),
        ({ } pace, { } limit) => FormattableString.Invariant($"Change to {pace} a minute, {limit} in hand at once"),
        _ => "Change",
    };

    private protected override RunOrder Order(Guid runId) =>
        new(runId, RunAction.Set, Reason, ThrottlePerMinute: ThrottlePerMinute, ConcurrencyLimit: ConcurrencyLimit);
}
