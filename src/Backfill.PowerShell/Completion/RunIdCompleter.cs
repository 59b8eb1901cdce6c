using System.Collections;
using System.Management.Automation;
using Backfill.PowerShell.Isolation;
using Backfill.PowerShell.Views;

namespace Backfill.PowerShell.Completion;

/// <summary>Completes the ids of runs, newest first, and of those only that the command would take.</summary>
public sealed class RunIdCompleter : TargetCompleter
{
    /// <summary>More than anybody looks through; what is typed narrows nothing, for ids of one day begin alike.</summary>
    private const int Most = 50;

    private static readonly Dictionary<string, RunAction> Orders = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Suspend-BackfillRun"] = RunAction.Suspend,
        ["Resume-BackfillRun"] = RunAction.Resume,
        ["Stop-BackfillRun"] = RunAction.Stop,
        ["Set-BackfillRun"] = RunAction.Set,
    };

    private static readonly BackfillRunState[] NotRolledBack =
        [.. Enum.GetValues<BackfillRunState>().Where(s => s != BackfillRunState.RolledBack)];

    private static readonly Dictionary<string, BackfillRunState[]> States = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Remove-BackfillRun"] = [BackfillRunState.Completed, BackfillRunState.Aborted, BackfillRunState.RolledBack],
        ["Invoke-BackfillApply"] = [BackfillRunState.Pending, BackfillRunState.Running, BackfillRunState.Paused, BackfillRunState.Halted],
        ["Invoke-BackfillRollback"] = NotRolledBack,
        ["New-BackfillRollback"] = NotRolledBack,
    };

    private protected override string Key(string command, IDictionary bound) => command;

    private protected override async Task<IReadOnlyList<CompletionResult>> AskAsync(
        BackfillConnection connection, string command, IDictionary bound, CancellationToken stop)
    {
        var order = Orders.TryGetValue(command, out var action) ? action : (RunAction?)null;
        var labels = await EngineGateway.Engine
            .ReadRunLabelsAsync(connection, order, States.GetValueOrDefault(command), Most, stop).ConfigureAwait(false);
        return [.. labels.Select(l => QuotedText.Offer(l.RunId.ToString(), null, Tip(l)))];
    }

    private static string Tip(RunLabel label) =>
        $"{label.State}, {label.Environment}, plan {label.PlanVersion}, {(label.StartedAt is { } started ? $"started {ViewText.Minute(started)}" : $"made {ViewText.Minute(label.CreatedAt)}")}";
}
