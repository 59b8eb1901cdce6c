using System.Buffers;
using System.Globalization;
using System.Text;

namespace Backfill.Engine.Rollback.Script;

/// <summary>SQL as bytes into a stream, through one buffer.</summary>
internal sealed class SqlWriter(Stream stream)
{
    private const int FlushAt = 1 << 20;

    /// <summary>Control characters. An editor may turn line ends and tabs into others; and one row is to stay one line.</summary>
    private static readonly SearchValues<byte> Controls = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Append(0x7f).Select(b => (byte)b)]);

    /// <summary>All that an escaped literal may have to write otherwise; of the last two, only what follows them tells.</summary>
    private static readonly SearchValues<byte> Escaped = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Append(0x7f).Select(b => (byte)b), (byte)'\'', (byte)'\\', 0xc2, 0xe2]);

    private byte[] _buffer = new byte[FlushAt + (FlushAt >> 2)];
    private int _length;

    /// <summary>Bytes since the beginning.</summary>
    public long Written { get; private set; }

    public SqlWriter Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        return Wrote(bytes.Length);
    }

    public SqlWriter Write(string text)
    {
        var room = Room(Encoding.UTF8.GetMaxByteCount(text.Length));
        return Wrote(Encoding.UTF8.GetBytes(text, room));
    }

    /// <summary>A statement and a line end.</summary>
    public SqlWriter Statement(string sql) => Write(sql.TrimEnd()).Write(";\n\n"u8);

    public SqlWriter Number(long number)
    {
        number.TryFormat(Room(20), out var length, provider: CultureInfo.InvariantCulture);
        return Wrote(length);
    }

    public SqlWriter Literal(Guid id)
    {
        Write("'"u8);
        id.TryFormat(Room(36), out var length);
        return Wrote(length).Write("'"u8);
    }

    /// <summary>Bytes as a literal of type bytea.</summary>
    public SqlWriter HexLiteral(ReadOnlySpan<byte> bytes)
    {
        Write("'\\x"u8);
        Convert.TryToHexStringLower(bytes, Room(bytes.Length * 2), out var length);
        return Wrote(length).Write("'"u8);
    }

    /// <summary>Text as a literal on one line; exact whatever is in it.</summary>
    public SqlWriter Literal(ReadOnlySpan<byte> utf8) => NeedsEscapes(utf8) ? EscapedLiteral(utf8) : PlainLiteral(utf8);

    public SqlWriter Literal(string text) => Literal(Encoding.UTF8.GetBytes(text));

    public ValueTask FlushIfFullAsync(CancellationToken cancellationToken) =>
        _length < FlushAt ? ValueTask.CompletedTask : FlushAsync(cancellationToken);

    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        await stream.WriteAsync(_buffer.AsMemory(0, _length), cancellationToken).ConfigureAwait(false);
        _length = 0;
    }

    /// <summary>U+0085, U+2028 and U+2029 end lines too, for some editors.</summary>
    private static bool NeedsEscapes(ReadOnlySpan<byte> utf8) =>
        utf8.ContainsAny(Controls)
        || utf8.IndexOf("\u0085"u8) >= 0
        || utf8.IndexOf("\u2028"u8) >= 0
        || utf8.IndexOf("\u2029"u8) >= 0;

    private SqlWriter PlainLiteral(ReadOnlySpan<byte> utf8)
    {
        Write("'"u8);
        for (var at = utf8.IndexOf((byte)'\''); at >= 0; at = utf8.IndexOf((byte)'\''))
        {
            Write(utf8[..at]).Write("''"u8);
            utf8 = utf8[(at + 1)..];
        }

        return Write(utf8).Write("'"u8);
    }

    private SqlWriter EscapedLiteral(ReadOnlySpan<byte> utf8)
    {
        Write("E'"u8);
        for (var at = utf8.IndexOfAny(Escaped); at >= 0; at = utf8.IndexOfAny(Escaped))
        {
            Write(utf8[..at]);
            utf8 = utf8[at..];
            utf8 = utf8[Escape(utf8)..];
        }

        return Write(utf8).Write("'"u8);
    }

    /// <returns>How many bytes were written otherwise, or as they are.</returns>
    private int Escape(ReadOnlySpan<byte> utf8)
    {
        if (utf8.StartsWith("\u0085"u8))
            return Took(2, "\\u0085"u8);
        if (utf8.StartsWith("\u2028"u8))
            return Took(3, "\\u2028"u8);
        if (utf8.StartsWith("\u2029"u8))
            return Took(3, "\\u2029"u8);
        switch (utf8[0])
        {
            case (byte)'\n': return Took(1, "\\n"u8);
            case (byte)'\r': return Took(1, "\\r"u8);
            case (byte)'\t': return Took(1, "\\t"u8);
            case (byte)'\\': return Took(1, "\\\\"u8);
            case (byte)'\'': return Took(1, "''"u8);
            case 0xc2 or 0xe2: return Took(1, utf8[..1]);
            default:
                Write("\\x"u8);
                Convert.TryToHexStringLower(utf8[..1], Room(2), out var length);
                Wrote(length);
                return 1;
        }
    }

    private int Took(int bytes, ReadOnlySpan<byte> text)
    {
        Write(text);
        return bytes;
    }

    private Span<byte> Room(int bytes)
    {
        if (_buffer.Length - _length < bytes)
            Array.Resize(ref _buffer, checked((int)Math.Min(Math.Max((long)_length + bytes, _buffer.Length * 2L), Array.MaxLength)));
        return _buffer.AsSpan(_length);
    }

    private SqlWriter Wrote(int bytes)
    {
        _length += bytes;
        Written += bytes;
        return this;
    }
}
