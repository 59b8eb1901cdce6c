using System.Text;
using System.Text.RegularExpressions;

namespace Backfill.Engine.Apply.Call.Http;

/// <summary>Makes other people's words fit to be kept: one line, short, without anything that opens a door.</summary>
internal sealed partial class Redaction(params string[] secrets)
{
    private const int Longest = 300;

    public string? Clean(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;
        // Secrets go before the cut: half of one is still a secret.
        foreach (var secret in secrets)
            text = text.Replace(secret, "***", StringComparison.Ordinal);
        text = Secret().Replace(text, "***");
        var line = new StringBuilder(Math.Min(text.Length, Longest));
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsControl(rune) || Rune.IsWhiteSpace(rune)
                || Rune.GetUnicodeCategory(rune) == System.Globalization.UnicodeCategory.Format)
            {
                if (line.Length > 0 && line[^1] != ' ')
                    line.Append(' ');
            }
            else if (line.Length + rune.Utf16SequenceLength < Longest)
            {
                line.Append(rune.ToString());
            }
            else
            {
                return line.Append('…').ToString();
            }
        }

        return line.ToString().TrimEnd() is { Length: > 0 } clean ? clean : null;
    }

    /// <summary>JWTs, the platform's opaque keys, and addresses with a password.</summary>
    [GeneratedRegex(@"eyJ[\w-]{8,}\.[\w-]+\.?[\w-]*|sb_secret_\w+|[a-z][a-z0-9+.-]*://[^\s/@:]*:[^\s@]+@[^\s""']*", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Secret();
}
