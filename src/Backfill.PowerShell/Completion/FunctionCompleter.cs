using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Backfill.PowerShell.Isolation;

namespace Backfill.PowerShell.Completion;

/// <summary>Completes the names of the edge functions that are known.</summary>
public sealed class FunctionCompleter : IArgumentCompleter
{
    /// <summary>Offers functions for what was typed.</summary>
    /// <param name="commandName">The command.</param>
    /// <param name="parameterName">The parameter.</param>
    /// <param name="wordToComplete">What was typed so far.</param>
    /// <param name="commandAst">The command line.</param>
    /// <param name="fakeBoundParameters">Parameters before it.</param>
    /// <returns>The functions.</returns>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        [
            .. EngineGateway.Engine.KnownFunctions
                .Where(f => f.Name.StartsWith(QuotedText.Typed(wordToComplete), StringComparison.OrdinalIgnoreCase))
                .Select(f => QuotedText.Offer(f.Name, wordToComplete, $"Writes {string.Join(", ", f.Tables)}")),
        ];
}
