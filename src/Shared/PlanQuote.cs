using System.Text;

namespace Backfill;

/// <summary>Shows text from a file in a message: short, on one line, and without control characters for a terminal to obey.</summary>
internal static class PlanQuote
{
    public static string Of(string text) => $"'{Clip(text, 60)}'";

    public static string Clip(string text, int length)
    {
        var shown = new StringBuilder(Math.Min(text.Length, length) + 1);
        foreach (var rune in text.EnumerateRunes())
        {
            if (shown.Length >= length)
                return shown.Append('…').ToString();
            var category = Rune.GetUnicodeCategory(rune);
            shown.Append(IsPlain(category) ? rune.ToString() : "\uFFFD");
        }

        return shown.ToString();
    }

    // Format characters (Cf) include the bidirectional overrides, which make a line read differently from what it says.
    private static bool IsPlain(System.Globalization.UnicodeCategory category) => category is not (
        System.Globalization.UnicodeCategory.Control
        or System.Globalization.UnicodeCategory.Format
        or System.Globalization.UnicodeCategory.LineSeparator
        or System.Globalization.UnicodeCategory.ParagraphSeparator
        or System.Globalization.UnicodeCategory.Surrogate);
}
