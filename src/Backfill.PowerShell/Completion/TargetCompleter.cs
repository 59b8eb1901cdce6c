using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Backfill.PowerShell.Connections;

namespace Backfill.PowerShell.Completion;

/// <summary>
/// Completes an argument from what the target's ledger holds. Without an open target it offers nothing, and never an error: a list
/// that is empty keeps the shell from offering file names.
/// </summary>
public abstract class TargetCompleter : IArgumentCompleter
{
    /// <summary>Offers values for what was typed.</summary>
    /// <param name="commandName">The command.</param>
    /// <param name="parameterName">The parameter.</param>
    /// <param name="wordToComplete">What was typed so far.</param>
    /// <param name="commandAst">The command line.</param>
    /// <param name="fakeBoundParameters">Parameters before it, as far as their values are known.</param>
    /// <returns>The values; an empty list where there are none.</returns>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            var typed = QuotedText.Typed(wordToComplete);
            return Connection(parameterName, fakeBoundParameters) is not { MeasuresOnly: false } connection ? []
                :
                [
                    .. Answers.Of(connection)
                        .Get($"{GetType().Name} {Key(commandName, fakeBoundParameters)}", stop => AskAsync(connection, commandName, fakeBoundParameters, stop))
                        .Where(r => r.ListItemText.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
                        .Select(r => QuotedText.Offer(r.ListItemText, wordToComplete, r.ToolTip)),
                ];
        }
#pragma warning disable CA1031 // A key that is pressed never gives an error.
        catch (Exception)
#pragma warning restore CA1031
        {
            return [];
        }
    }

    /// <summary>What the answer depends on, beside the target.</summary>
    private protected abstract string Key(string command, IDictionary bound);

    /// <summary>Asks the target, on the pool.</summary>
    private protected abstract Task<IReadOnlyList<CompletionResult>> AskAsync(
        BackfillConnection connection, string command, IDictionary bound, CancellationToken stop);

    /// <summary>The value of a parameter that was given before; null where there is none.</summary>
    internal static T? Bound<T>(IDictionary bound, string name)
        where T : class
    {
        var value = bound[name];
        return (value is PSObject wrapped ? wrapped.BaseObject : value) as T;
    }

    /// <summary>The run that was named before; of several, the first.</summary>
    private protected static Guid? RunOf(IDictionary bound) => Guid.TryParse(First(bound["RunId"]), out var id) ? id : null;

    /// <summary>The plan's file that was named before, as a full path; of several, the first. Ask on the pipeline's thread.</summary>
    internal static string? PathOf(IDictionary bound) =>
        First(bound["Path"]) is { Length: > 0 } path ? PlanPathCompleter.Resolve(path) : null;

    private static string First(object? value)
    {
        var one = value is PSObject wrapped ? wrapped.BaseObject : value;
        return one is object[] many ? $"{many.FirstOrDefault()}" : $"{one}";
    }

    /// <summary>The one that is named, or the one that a reading command would take.</summary>
    private static BackfillConnection? Connection(string parameter, IDictionary bound)
    {
        // The evidence for a production gate lies in staging.
        var given = parameter.StartsWith("Evidence", StringComparison.OrdinalIgnoreCase) ? "EvidenceConnection" : "Connection";
        var named = Bound<BackfillConnection>(bound, given)
            ?? (Bound<string>(bound, given) is { } name ? ConnectionTable.OfThisRunspace.Find(name) : null);
        return named is { IsClosed: false } ? named : named is null
            && ConnectionTable.OfThisRunspace.Open is [.., var newest] ? newest : null;
    }
}
