using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Backfill.PowerShell.Isolation;

namespace Backfill.PowerShell.Completion;

/// <summary>Completes the tables that the known functions write.</summary>
public sealed class TableCompleter : IArgumentCompleter
{
    /// <summary>Offers tables for what was typed.</summary>
    /// <param name="commandName">The command.</param>
    /// <param name="parameterName">The parameter.</param>
    /// <param name="wordToComplete">What was typed so far.</param>
    /// <param name="commandAst">The command line.</param>
    /// <param name="fakeBoundParameters">Parameters before it.</param>
    /// <returns>The tables.</returns>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        [
            .. EngineGateway.Engine.KnownFunctions
                .SelectMany(f => f.Tables, (f, table) => (Table: table, f.Name))
                .Where(t => t.Table.StartsWith(QuotedText.Typed(wordToComplete), StringComparison.OrdinalIgnoreCase))
                .GroupBy(t => t.Table, t => t.Name)
                .Select(t => QuotedText.Offer(t.Key, wordToComplete, $"Written by {string.Join(", ", t)}")),
        ];
}
