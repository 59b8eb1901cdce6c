namespace Backfill.Engine.Plans;

/// <summary>Gets the bytes of a plan, and never more of them than a plan may have.</summary>
internal static class PlanFile
{
    public static string FullPath(string path)
    {
        try
        {
            return Path.GetFullPath(path);
        }
        catch (ArgumentException e)
        {
            throw new PlanException(
                PlanCodes.NotFound, path, $"{PlanQuote.Of(path)} is no path. Give the path of a plan file.", e);
        }
    }

    public static ReadOnlyMemory<byte> Load(string path, int limit)
    {
        if (Directory.Exists(path))
            throw new PlanException(PlanCodes.Unreadable, path, $"{Shown(path)} is a folder. Give the path of a plan file in it.");
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            return Load(stream, path, limit);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new PlanException(
                PlanCodes.NotFound, path, $"There is no file {Shown(path)}. Check the path and the current folder.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw Unreadable(path, e);
        }
    }

    /// <summary>Reads to the end, or to the limit: the length that a stream tells may be wrong, and some never end.</summary>
    public static ReadOnlyMemory<byte> Load(Stream stream, string path, int limit)
    {
        var bytes = new byte[Math.Min(64 * 1024, limit + 1)];
        var count = 0;
        try
        {
            for (int read; (read = stream.Read(bytes, count, bytes.Length - count)) > 0;)
            {
                count += read;
                if (count > limit)
                    throw TooLarge(path, limit);
                if (count == bytes.Length)
                    Array.Resize(ref bytes, (int)Math.Min(2L * count, limit + 1L));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ObjectDisposedException)
        {
            throw Unreadable(path, e);
        }

        return bytes.AsMemory(0, count);
    }

    public static PlanException TooLarge(string path, int limit) => new(
        PlanCodes.TooLarge,
        path,
        $"{Shown(path)} has more than {limit} bytes. A plan is far smaller: "
        + "check that it is the right file, or cut the plan into several.");

    private static PlanException Unreadable(string path, Exception e) => new(
        PlanCodes.Unreadable,
        path,
        $"{Shown(path)} cannot be read: {e.Message} Check that it is a file, that you may read it, and that no program holds it open.",
        e);

    private static string Shown(string path) => $"'{PlanQuote.Clip(path, 300)}'";
}
