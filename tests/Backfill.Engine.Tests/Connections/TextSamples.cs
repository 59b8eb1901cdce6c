using System.Text;

namespace Backfill.Engine.Tests.Connections;

/// <summary>From arbitrary text to text that PostgreSQL's protocol can carry: no NUL, no half surrogate pair, not empty.</summary>
internal static class TextSamples
{
    public static string Sendable(string? text)
    {
        var sendable = string.Concat((text ?? "").EnumerateRunes().Where(r => r.Value is not 0 && r != Rune.ReplacementChar));
        return sendable.Length > 0 ? sendable : "x";
    }

    /// <summary>The same without control characters, as in a name.</summary>
    public static string Name(string? text) => Sendable(string.Concat((text ?? "").Where(c => !char.IsControl(c))));

    /// <summary>Every byte percent-encoded, needed or not.</summary>
    public static string EncodeAll(string text) => string.Concat(Encoding.UTF8.GetBytes(text).Select(b => $"%{b:x2}"));
}
