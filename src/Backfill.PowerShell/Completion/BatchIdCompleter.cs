using System.Collections;
using System.Management.Automation;
using Backfill.PowerShell.Isolation;

namespace Backfill.PowerShell.Completion;

/// <summary>Completes the ids of a run's batches, in the plan's order: of the run that is named before, or of the newest one.</summary>
public sealed class BatchIdCompleter : TargetCompleter
{
    private protected override string Key(string command, IDictionary bound) => $"{RunOf(bound)}";

    private protected override async Task<IReadOnlyList<CompletionResult>> AskAsync(
        BackfillConnection connection, string command, IDictionary bound, CancellationToken stop)
    {
        var ids = await EngineGateway.Engine.ReadBatchIdsAsync(connection, RunOf(bound), stop).ConfigureAwait(false);
        return [.. ids.Select(id => QuotedText.Offer(id, null, $"Batch {id}"))];
    }
}
