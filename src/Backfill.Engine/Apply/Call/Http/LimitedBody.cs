namespace Backfill.Engine.Apply.Call.Http;

/// <summary>An answer's bytes, as far as the limit.</summary>
/// <param name="Bytes">What was read.</param>
/// <param name="IsWhole">Whether that was all.</param>
internal sealed record LimitedBody(ReadOnlyMemory<byte> Bytes, bool IsWhole)
{
    /// <summary>Reads to the end, so that the connection can be used again; beyond the limit it is given up with the connection.</summary>
    public static async Task<LimitedBody> ReadAsync(HttpContent content, int limit, CancellationToken cancellationToken)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        using var kept = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int count;
        while ((count = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
        {
            if (kept.Length + count > limit)
                return new(ReadOnlyMemory<byte>.Empty, false);
            kept.Write(buffer, 0, count);
        }

        return new(kept.GetBuffer().AsMemory(0, (int)kept.Length), true);
    }
}
