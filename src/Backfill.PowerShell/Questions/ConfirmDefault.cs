using System.Collections;
using System.Management.Automation;

namespace Backfill.PowerShell.Questions;

/// <summary>
/// A default in <c>$PSDefaultParameterValues</c> that answers <c>-Confirm</c> for a command. The engine binds it as if it had been
/// given, and shows no difference: where there is one, a bound <c>-Confirm:$false</c> is no proof that somebody gave it.
/// </summary>
internal static class ConfirmDefault
{
    private const string Disabled = nameof(Disabled);

    /// <summary>The parameter and its alias.</summary>
    private static readonly string[] Parameters = ["Confirm", "cf"];

    /// <summary>What may stand around either part of a key.</summary>
    private static readonly char[] Around = [' ', '\t', '\'', '"', '\u2018', '\u2019', '\u201C', '\u201D'];

    /// <summary>
    /// The key of a default that may have switched the question off; null where there is none. Ask on the pipeline's thread.
    /// </summary>
    public static string? Find(PSCmdlet cmdlet)
    {
        if (Base(cmdlet.GetVariableValue("PSDefaultParameterValues")) is not IDictionary defaults)
            return null;
        var entries = defaults.Cast<DictionaryEntry>().Select(e => (Key: e.Key as string ?? "", Value: Base(e.Value))).ToList();
        return entries.Exists(e => e.Key.Trim().Equals(Disabled, StringComparison.OrdinalIgnoreCase) && LanguagePrimitives.IsTrue(e.Value))
            ? null
            : entries.Find(e => MayBeFalse(e.Value) && IsFor(cmdlet, e.Key)).Key;
    }

    /// <summary>Only what is true for certain leaves a false one to the command itself; a script block is anybody's guess.</summary>
    private static bool MayBeFalse(object? value) => value is not (true or SwitchParameter { IsPresent: true });

    private static bool IsFor(PSCmdlet cmdlet, string key) =>
        key.IndexOf(':', StringComparison.Ordinal) is > 0 and var at
        && Array.Exists(Parameters, p => Matches(key[(at + 1)..], p))
        && NamesOf(cmdlet).Any(n => Matches(key[..at], n));

    /// <summary>A default may name a command by its aliases, too.</summary>
    private static IEnumerable<string> NamesOf(PSCmdlet cmdlet)
    {
        var name = cmdlet.MyInvocation.MyCommand.Name;
        return cmdlet.InvokeCommand.GetCommands("*", CommandTypes.Alias, nameIsPattern: true)
            .Where(a => a.Definition.Equals(name, StringComparison.OrdinalIgnoreCase))
            .Select(a => a.Name)
            .Prepend(name);
    }

    private static bool Matches(string part, string name)
    {
        try
        {
            return new WildcardPattern(part.Trim(Around), WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant).IsMatch(name);
        }
        catch (WildcardPatternException)
        {
            return false;
        }
    }

    private static object? Base(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;
}
