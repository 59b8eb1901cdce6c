using System.Text;

namespace Backfill.Engine.Connections.Settings;

/// <summary>Percent-encoded text, decoded strictly: a lone <c>%</c> or bytes that are no UTF-8 are errors, not guesses.</summary>
internal static class PercentText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Decodes; false where the text is not well-formed. A <c>+</c> stays a <c>+</c>, as in libpq.</summary>
    public static bool TryDecode(ReadOnlySpan<char> text, out string decoded)
    {
        decoded = "";
        var bytes = new List<byte>(text.Length);
        var buffer = new byte[4];
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%')
            {
                if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2]))
                    return false;
                bytes.Add(Convert.FromHexString(text.Slice(i + 1, 2))[0]);
                i += 2;
                continue;
            }

            if (Rune.DecodeFromUtf16(text[i..], out var rune, out var length) != System.Buffers.OperationStatus.Done)
                return false;
            bytes.AddRange(buffer.AsSpan(0, rune.EncodeToUtf8(buffer)));
            i += length - 1;
        }

        try
        {
            decoded = Strict.GetString([.. bytes]);
        }
        catch (DecoderFallbackException)
        {
            return false;
        }

        // PostgreSQL's protocol ends every text at a NUL.
        return !decoded.Contains('\0', StringComparison.Ordinal);
    }
}
