using System.Text.RegularExpressions;

namespace Backfill.Engine.Tests.Rules.Messages;

/// <summary>The texts in the code that people read, as far as a test can judge prose. Help and docs have theirs in Help.Tests.ps1.</summary>
public partial class MessageTextTests
{
    private static readonly IReadOnlyList<(string Place, string Text)> Texts =
    [
        .. Directory.EnumerateFiles(Path.Combine(TestRepository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !BuildOutput().IsMatch(f))
            .SelectMany(f => File.ReadLines(f).Select((line, i) => (Place: $"{Path.GetFileName(f)}({i + 1})", Line: line)))
            .Where(l => !l.Line.TrimStart().StartsWith("//", StringComparison.Ordinal))
            .SelectMany(l => Literal().Matches(l.Line).Select(m => (l.Place, m.Value))),
    ];

    [Fact]
    public void No_text_has_a_turn_that_is_read_twice() =>
        Assert.Empty(Texts.Where(t => Hard().IsMatch(t.Text)).Select(t => $"{t.Place}: {t.Text}"));

    [Fact]
    public void Such_a_turn_would_be_found()
    {
        Assert.True(Texts.Count > 3000);
        Assert.Matches(Hard(), "Mend the cause, then go on with it.");
        Assert.DoesNotMatch(Hard(), "Fix the cause, then resume the run; backfill_thus is a name.");
    }

    [GeneratedRegex(@"[\\/](?:bin|obj)[\\/]")]
    private static partial Regex BuildOutput();

    [GeneratedRegex("""
        "(?:[^"\\]|\\.)*"
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Literal();

    [GeneratedRegex(
        @"\b(?:whoever|whatever|whichever|meanwhile|anew|ere|lest|hence|thus|thereof|amiss|mend(?:s|ed|ing)?|heed(?:s|ed|ing)?|at it|in hand|by the way|to be had|is no time|(?:go|goes|going|gone|went) on|none other)\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Hard();
}
