using System.Buffers;
using System.Globalization;
using System.Text;

namespace Backfill.Engine.Reports.Html;

/// <summary>Text as HTML: the same in an element and in a quoted attribute, so that no caller can take the wrong one.</summary>
internal static class HtmlEncoding
{
    /// <summary>Where half of a pair, or a NUL, has come into a text: no document can hold either.</summary>
    private const char Replacement = '\uFFFD';

    private static readonly SearchValues<char> Special = SearchValues.Create("&<>\"'\r\0\uFEFF");

    public static void Append(StringBuilder html, ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            var plain = LengthOfPlain(text);
            html.Append(text[..plain]);
            text = text[plain..];
            if (text.IsEmpty)
                return;
            if (Rune.DecodeFromUtf16(text, out var rune, out var length) != OperationStatus.Done)
                html.Append(Replacement);
            else
                AppendRune(html, rune);
            text = text[length..];
        }
    }

    private static int LengthOfPlain(ReadOnlySpan<char> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (Special.Contains(text[i]) || char.IsSurrogate(text[i]))
                return i;
        }

        return text.Length;
    }

    private static void AppendRune(StringBuilder html, Rune rune)
    {
        switch (rune.Value)
        {
            case '&': html.Append("&amp;"); break;
            case '<': html.Append("&lt;"); break;
            case '>': html.Append("&gt;"); break;
            case '"': html.Append("&quot;"); break;
            case '\'': html.Append("&#39;"); break;
            // A parser reads a bare one as a line feed, and drops a byte-order mark.
            case '\r' or 0xFEFF: html.Append(CultureInfo.InvariantCulture, $"&#{rune.Value};"); break;
            case 0: html.Append(Replacement); break;
            default: html.Append(rune.ToString()); break;
        }
    }
}
