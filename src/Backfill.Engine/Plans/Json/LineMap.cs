using System.Text;

namespace Backfill.Engine.Plans.Json;

/// <summary>
/// Turns byte offsets into lines and columns. It remembers the line of every 64th KiB only: a table of all lines would
/// cost more than the file when the file is nothing but line ends.
/// </summary>
internal sealed class LineMap(ReadOnlyMemory<byte> utf8)
{
    private const int Step = 64 * 1024;

    private int[]? _breaksBefore;

    /// <summary>The line of a byte, from 1.</summary>
    public int Line(int offset)
    {
        var before = _breaksBefore ??= Count(utf8.Span);
        var step = offset / Step;
        return 1 + before[step] + utf8.Span[(step * Step)..offset].Count((byte)'\n');
    }

    /// <summary>The column of a byte, from 1, in UTF-16 units.</summary>
    public int Column(int offset)
    {
        var before = utf8.Span[..offset];
        return 1 + Encoding.UTF8.GetCharCount(before[(before.LastIndexOf((byte)'\n') + 1)..]);
    }

    private static int[] Count(ReadOnlySpan<byte> utf8)
    {
        var before = new int[(utf8.Length / Step) + 1];
        for (var i = 1; i < before.Length; i++)
            before[i] = before[i - 1] + utf8[((i - 1) * Step)..(i * Step)].Count((byte)'\n');
        return before;
    }
}
