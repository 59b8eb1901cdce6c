using System.Buffers.Binary;

namespace Backfill.Engine.Rollback.Script;

/// <summary>Rows of a binary COPY, as bytes in one buffer: a million images leave no garbage behind.</summary>
/// <remarks>
/// PostgreSQL's documentation, COPY, Binary Format: a header, then for each row its number of fields and for each field its length and
/// bytes.
/// </remarks>
internal sealed class CopyRows(Stream stream, int columns) : IAsyncDisposable
{
    /// <summary>Signature, flags, and the length of an extension of the header that is not in use.</summary>
    private const int HeaderLength = 11 + 4 + 4;

    private const int Null = -1;

    private readonly int[] _starts = new int[columns];
    private readonly int[] _lengths = new int[columns];
    private byte[] _buffer = new byte[1 << 17];
    private int _start;
    private int _end;
    private bool _isPastHeader;

    /// <summary>Goes on to the next row.</summary>
    /// <returns>False at the end.</returns>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        if (!_isPastHeader)
        {
            await FillAsync(HeaderLength, cancellationToken).ConfigureAwait(false);
            _start += HeaderLength;
            _isPastHeader = true;
        }

        for (var needed = Parse(); needed > 0; needed = Parse())
            await FillAsync(needed, cancellationToken).ConfigureAwait(false);
        return _lengths[0] >= Null;
    }

    public bool IsNull(int column) => _lengths[column] == Null;

    /// <summary>A field's bytes, until the next row is read.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => _buffer.AsSpan(_starts[column], _lengths[column]);

    public Guid Guid(int column) => new(Bytes(column), bigEndian: true);

    public int Int32(int column) => BinaryPrimitives.ReadInt32BigEndian(Bytes(column));

    public bool Boolean(int column) => Bytes(column)[0] != 0;

    public ValueTask DisposeAsync() => stream.DisposeAsync();

    /// <returns>0: a row, or the end, was found; else so many bytes must be there before it pays to look again.</returns>
    private int Parse()
    {
        var at = _start;
        if (_end - at < sizeof(short))
            return sizeof(short);
        var fields = BinaryPrimitives.ReadInt16BigEndian(_buffer.AsSpan(at));
        at += sizeof(short);
        if (fields < 0)
        {
            _lengths[0] = Null - 1;
            return 0;
        }

        for (var i = 0; i < columns; i++)
        {
            if (_end - at < sizeof(int))
                return at + sizeof(int) - _start;
            var length = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(at));
            at += sizeof(int);
            (_starts[i], _lengths[i]) = (at, length);
            at += Math.Max(length, 0);
            if (at > _end)
                return at - _start;
        }

        _start = at;
        return 0;
    }

    private async ValueTask FillAsync(int needed, CancellationToken cancellationToken)
    {
        if (_start + needed > _buffer.Length)
            MakeRoom(needed);
        while (_end - _start < needed)
        {
            var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (read == 0)
                throw new EndOfStreamException("The server ended a COPY in the middle of a row.");
            _end += read;
        }
    }

    private void MakeRoom(int needed)
    {
        var into = needed > _buffer.Length
            ? new byte[Math.Max(needed, _buffer.Length * 2L > Array.MaxLength ? needed : _buffer.Length * 2)]
            : _buffer;
        Buffer.BlockCopy(_buffer, _start, into, 0, _end - _start);
        _buffer = into;
        (_start, _end) = (0, _end - _start);
    }
}
