using System.Buffers;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Backfill.PowerShell.Completion;

/// <summary>Values as they are written on a command line: in quotes where they need them, or where quotes were begun.</summary>
internal static class QuotedText
{
    /// <summary>Characters that end a bare word, or mean something in it.</summary>
    private static readonly SearchValues<char> Special = SearchValues.Create(" \t\r\n'\"`$(){}[];,|&<>@#*?");

    /// <summary>What was typed so far, without the quote that it may begin with.</summary>
    public static string Typed(string? word) => word is ['\'' or '"', .. var rest] ? rest.TrimEnd(word[0]) : word ?? "";

    /// <summary>The value as it is to stand there.</summary>
    public static string Of(string value, string? word)
    {
        if (word is ['"', ..])
            return $"\"{value.Replace("`", "``", StringComparison.Ordinal).Replace("$", "`$", StringComparison.Ordinal).Replace("\"", "`\"", StringComparison.Ordinal)}\"";
        // A bare word must not look like a parameter, a number or nothing at all either.
        var isBare = word is not ['\'', ..] && value.Length > 0 && value[0] != '-' && !value.AsSpan().ContainsAny(Special);
        return isBare ? value : $"'{CodeGeneration.EscapeSingleQuotedStringContent(value)}'";
    }

    /// <summary>A completion that offers a value.</summary>
    public static CompletionResult Offer(string value, string? word, string tip) =>
        new(Of(value, word), value, CompletionResultType.ParameterValue, tip.Length == 0 ? value : tip);
}
