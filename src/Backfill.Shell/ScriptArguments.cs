using System.Management.Automation.Runspaces;

namespace Backfill.Shell;

/// <summary>
/// The words after <c>-File script.ps1</c>, as pwsh binds them: <c>-Name value</c>, <c>-Switch</c>, <c>-Name:value</c>, or a
/// position. Only after a colon do <c>$true</c> and <c>false</c> become Booleans.
/// </summary>
internal static class ScriptArguments
{
    public static List<CommandParameter> Parse(ReadOnlySpan<string> words)
    {
        var parameters = new List<CommandParameter>();
        for (var i = 0; i < words.Length; i++)
        {
            var word = words[i];
            var colon = word.IndexOf(':', StringComparison.Ordinal);
            if (word.Length < 2 || !IsDash(word[0]))
                parameters.Add(new CommandParameter(null, word));
            else if (colon < 0)
                // The binder decides whether the next word is this parameter's value: it knows the switches.
                parameters.Add(new CommandParameter(word));
            else if (colon < word.Length - 1)
                parameters.Add(new CommandParameter(word[..colon], BooleanOrText(word[(colon + 1)..])));
            else if (i + 1 < words.Length)
                parameters.Add(new CommandParameter(word[..colon], words[++i]));
        }

        return parameters;
    }

    private static bool IsDash(char c) => c is '-' or '\u2013' or '\u2014' or '\u2015';

    private static object BooleanOrText(string text) =>
        bool.TryParse(text.StartsWith('$') ? text.AsSpan(1) : text, out var value) ? value : text;
}
