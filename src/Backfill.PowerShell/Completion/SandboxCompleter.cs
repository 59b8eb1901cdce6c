using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Backfill.PowerShell.Sandboxes;

namespace Backfill.PowerShell.Completion;

/// <summary>Completes the names of the sandboxes that this runspace has started, the newest first.</summary>
public sealed class SandboxCompleter : IArgumentCompleter
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
        var sandboxes = RunningSandboxes.OfThisRunspace;
        var typed = QuotedText.Typed(wordToComplete);
        return
        [
            .. sandboxes.Running.Reverse()
                .Select(s => (Name: sandboxes.NameOf(s), Tip: $"{s}, project {s.ProjectRef}"))
                .Where(s => s.Name.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
                .Select(s => QuotedText.Offer(s.Name, wordToComplete, s.Tip)),
        ];
    }
}
