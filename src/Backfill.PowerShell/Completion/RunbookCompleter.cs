using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Backfill.PowerShell.Parameters;

namespace Backfill.PowerShell.Completion;

/// <summary>Completes the names of the files that come with the module.</summary>
public sealed class RunbookCompleter : IArgumentCompleter
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
        var typed = QuotedText.Typed(wordToComplete);
        return
        [
            .. Runbooks.All.Where(f => f.Name.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
                .Select(f => QuotedText.Offer(f.Name, wordToComplete, f.FullName)),
        ];
    }
}
