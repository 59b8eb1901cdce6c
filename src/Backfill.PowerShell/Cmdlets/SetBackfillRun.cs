using System.Collections;
using System.Management.Automation;
using Backfill.PowerShell.Bases;
using Backfill.PowerShell.Parameters;

namespace Backfill.PowerShell.Cmdlets;

/// <summary>Changes the pace, the concurrency, the guard, the name or the ticket of runs while they go on.</summary>
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

    /// <summary>Limits for the target's signs of health, by signal.</summary>
    [Parameter]
    [ValidateNotNull]
    public Hashtable? Guard { get; set; }

    /// <summary>What you call the run; shown in lists and reports.</summary>
    [Parameter]
    [NotBlank]
    public string? Name { get; set; }

    /// <summary>The ticket or change that the run belongs to.</summary>
    [Parameter]
    [NotBlank]
    public string? Ticket { get; set; }

    private protected override string Verb => string.Join(", ", new[]
    {
        ThrottlePerMinute is { } pace ? FormattableString.Invariant($"{pace} a minute") : null,
        ConcurrencyLimit is { } limit ? FormattableString.Invariant($"{limit} sessions at once") : null,
        Guard is { } guard ? $"guard {GuardLimits.ToText(guard)}" : null,
        Name is { } name ? $"name '{name}'" : null,
        Ticket is { } ticket ? $"ticket '{ticket}'" : null,
    }.OfType<string>()) is { Length: > 0 } what ? $"Change to {what}" : "Change";

    private protected override RunOrder Order(Guid runId) =>
        new(runId, RunAction.Set, Reason, null, ThrottlePerMinute, ConcurrencyLimit, null, Name, Ticket, Guard is { } guard ? GuardLimits.ToJson(guard) : null);
}
