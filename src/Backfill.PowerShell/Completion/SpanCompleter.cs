using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Backfill.PowerShell.Completion;

/// <summary>Completes spans of time: usual ones for the parameter, the default first, and for a number its units.</summary>
public sealed class SpanCompleter : IArgumentCompleter
{
    private static readonly string[] Usual = ["1h", "6h", "24h", "7d"];

    private static readonly Dictionary<string, string[]> ByParameter = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Delay"] = ["1s", "5s", "30s"],
        ["Duration"] = ["6h", "1h", "12h", "24h"],
        ["ExpiresIn"] = ["24h", "4h", "7d"],
        ["GracePeriod"] = ["10m", "5m", "2m"],
        ["Interval"] = ["5m", "1m", "15m"],
        ["OlderThan"] = ["30d", "7d", "90d"],
        ["QuietPeriod"] = ["405s", "10m"],
        ["RetryAfter"] = ["5s", "30s", "60s"],
        ["StatementTimeout"] = ["10m", "2m", "1h"],
    };

    private static readonly (string Unit, string Word)[] Units = [("s", "second"), ("m", "minute"), ("h", "hour"), ("d", "day")];

    /// <summary>Offers spans for what was typed.</summary>
    /// <param name="commandName">The command.</param>
    /// <param name="parameterName">The parameter.</param>
    /// <param name="wordToComplete">What was typed so far.</param>
    /// <param name="commandAst">The command line.</param>
    /// <param name="fakeBoundParameters">Parameters before it.</param>
    /// <returns>The spans.</returns>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var typed = QuotedText.Typed(wordToComplete);
        var isNumber = typed.Length > 0 && typed.All(char.IsAsciiDigit);
        var offers = isNumber ? Units.Select(u => typed + u.Unit) : ByParameter.GetValueOrDefault(parameterName, Usual);
        return [.. offers.Where(o => o.StartsWith(typed, StringComparison.OrdinalIgnoreCase)).Select(o => QuotedText.Offer(o, wordToComplete, Tip(o)))];
    }

    /// <summary>The span in words, for example <c>6 hours</c>.</summary>
    private static string Tip(string span)
    {
        var (number, word) = (span[..^1], Units.First(u => span.EndsWith(u.Unit, StringComparison.Ordinal)).Word);
        return number == "1" ? $"1 {word}" : string.Create(CultureInfo.InvariantCulture, $"{number} {word}s");
    }
}
