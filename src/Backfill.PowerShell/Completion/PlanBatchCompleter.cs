using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Backfill.PowerShell.Isolation;

namespace Backfill.PowerShell.Completion;

/// <summary>Completes the ids of the batches of the plan that is named before, in its order.</summary>
public sealed class PlanBatchCompleter : IArgumentCompleter
{
    /// <summary>A file on a dead share is given up then.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);

    /// <summary>Offers batches for what was typed.</summary>
    /// <param name="commandName">The command.</param>
    /// <param name="parameterName">The parameter.</param>
    /// <param name="wordToComplete">What was typed so far.</param>
    /// <param name="commandAst">The command line.</param>
    /// <param name="fakeBoundParameters">Parameters before it.</param>
    /// <returns>The batches.</returns>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            var typed = QuotedText.Typed(wordToComplete);
            return
            [
                .. Batches(fakeBoundParameters)
                    .Where(b => b.BatchId.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
                    .Select(b => QuotedText.Offer(b.BatchId, wordToComplete, b.Description)),
            ];
        }
#pragma warning disable CA1031 // A key that is pressed never gives an error.
        catch (Exception)
#pragma warning restore CA1031
        {
            return [];
        }
    }

    private static ItemList<PlanBatch> Batches(IDictionary bound)
    {
        if (TargetCompleter.Bound<BackfillPlan>(bound, "Plan") is { } plan)
            return plan.Batches;
        // Here, for only the pipeline's thread knows the current folder.
        if (TargetCompleter.PathOf(bound) is not { } path)
            return ItemList.Of<PlanBatch>();
        var reading = Task.Run(() => EngineGateway.Engine.ReadPlan(path).Plan);
        return reading.Wait(Patience) && reading.Result is { } read ? read.Batches : ItemList.Of<PlanBatch>();
    }
}
