namespace Backfill.Engine.Reports.Files;

/// <summary>
/// A file that is being written. What the operating system refuses comes out as an error that names the file: where a database is
/// read into a file, nothing around it can take the one's errors for the other's.
/// </summary>
/// <param name="file">The file, which is closed with this.</param>
/// <param name="path">What it will be called.</param>
internal sealed class WrittenFile(FileStream file, string path) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => file.CanSeek;

    public override bool CanWrite => true;

    public override long Length => file.Length;

    public override long Position
    {
        get => file.Position;
        set => Guard(() => file.Position = value);
    }

    /// <summary>Has everything lie on the disk.</summary>
    public void FlushToDisk() => Guard(() => file.Flush(flushToDisk: true));

    public override void Flush() => Guard(file.Flush);

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        try
        {
            await file.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (FileErrors.Is(e))
        {
            throw FileErrors.NotWritten(path, e);
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            file.Write(buffer);
        }
        catch (Exception e) when (FileErrors.Is(e))
        {
            throw FileErrors.NotWritten(path, e);
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            await file.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (FileErrors.Is(e))
        {
            throw FileErrors.NotWritten(path, e);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin)
    {
        Guard(() => file.Seek(offset, origin));
        return file.Position;
    }

    public override void SetLength(long value) => Guard(() => file.SetLength(value));

    public override async ValueTask DisposeAsync()
    {
        try
        {
            // Writes what is left in the buffer, and closes the file whatever comes of it.
            await file.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (FileErrors.Is(e))
        {
            throw FileErrors.NotWritten(path, e);
        }
        finally
        {
            await base.DisposeAsync().ConfigureAwait(false);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Guard(file.Dispose);
        base.Dispose(disposing);
    }

    private void Guard(Action work)
    {
        try
        {
            work();
        }
        catch (Exception e) when (FileErrors.Is(e))
        {
            throw FileErrors.NotWritten(path, e);
        }
    }
}
