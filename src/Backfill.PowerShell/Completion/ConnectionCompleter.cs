using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Backfill.PowerShell.Connections;

namespace Backfill.PowerShell.Completion;

/// <summary>Completes the names of the connections that are open in this runspace, the newest first.</summary>
public sealed class ConnectionCompleter : IArgumentCompleter
{
    /// <summary>Offers names for what was typed.</summary>
    /// <param name="commandName">The command.</param>
    /// <param name="parameterName">The parameter.</param>
    /// <param name="wordToComplete">What was typed so far.</param>
    /// <param name="commandAst">The command line.</param>
    /// <param name="fakeBoundParameters">Parameters before it.</param>
    /// <returns>The names.</returns>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var table = ConnectionTable.OfThisRunspace;
        var typed = QuotedText.Typed(wordToComplete);
        return
        [
            .. table.Open.Reverse().DistinctBy(c => c.Fingerprint)
                .Select(c => (Name: table.NameOf(c), Tip: $"{c}, database {c.Database} on {c.DatabaseHost}"))
                .Where(c => c.Name.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
                .Select(c => QuotedText.Offer(c.Name, wordToComplete, c.Tip)),
        ];
    }
}
