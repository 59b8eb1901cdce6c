using System.Collections;
using System.Management.Automation;
using Backfill.Apply;
using Backfill.PowerShell.Views;

namespace Backfill.PowerShell.Completion;

/// <summary>Completes the ids of runs, newest first, and of those only that the command would take.</summary>
public sealed class RunIdCompleter : TargetCompleter
{
    /// <summary>More than anybody looks through; what is typed narrows nothing, for ids of one day begin alike.</summary>
    private const int Most = 50;

    private static readonly Dictionary<string, IReadOnlyList<string>> States = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Suspend-BackfillRun"] = RunTransitions.StatesFor(RunAction.Suspend),
        ["Resume-BackfillRun"] = RunTransitions.StatesFor(RunAction.Resume),
        ["Stop-BackfillRun"] = RunTransitions.StatesFor(RunAction.Stop),
        ["Set-BackfillRun"] = RunTransitions.StatesFor(RunAction.Set),
        ["Remove-BackfillRun"] = Names(BackfillRunState.Completed, BackfillRunState.Aborted, BackfillRunState.RolledBack),
        ["Invoke-BackfillApply"] = Names(BackfillRunState.Pending, BackfillRunState.Running, BackfillRunState.Paused, BackfillRunState.Halted),
        ["Invoke-BackfillRollback"] = NotRolledBack,
        ["New-BackfillRollback"] = NotRolledBack,
    };

    private static IReadOnlyList<string> NotRolledBack =>
        [.. Enum.GetValues<BackfillRunState>().Where(s => s != BackfillRunState.RolledBack).Select(s => s.ToString())];

    private protected override string Key(string command, IDictionary bound) => command;

    private protected override async Task<IReadOnlyList<CompletionResult>> AskAsync(
        BackfillConnection connection, string command, IDictionary bound, CancellationToken stop)
    {
        var labels = await connection.Target.Runs.ReadLabelsAsync(States.GetValueOrDefault(command), Most, stop).ConfigureAwait(false);
        return [.. labels.Select(l => QuotedText.Offer(l.RunId.ToString(), null, Tip(l)))];
    }

    private static string Tip(RunLabel label) =>
        $"{label.State}, {label.Environment}, plan {label.PlanVersion}, {(label.StartedAt is { } started ? $"started {ViewText.Minute(started)}" : $"made {ViewText.Minute(label.CreatedAt)}")}";

    private static IReadOnlyList<string> Names(params BackfillRunState[] states) => [.. states.Select(s => s.ToString())];
}
