namespace Backfill.Engine.Reports.Files;

/// <summary>A file that can't be written: what the operating system says, and what to do about it.</summary>
internal sealed class FileNotWrittenException(
    string code, BackfillErrorKind kind, string path, string words, string remedy, Exception cause)
    : BackfillException(code, kind, $"'{path}' can't be written: {words}. {remedy}", path, cause)
{
    /// <summary>What the operating system says, without the path and the full stop.</summary>
    public string Words { get; } = words;

    public string Remedy { get; } = remedy;
}

/// <summary>From what the operating system says of a file to what an operator can act on.</summary>
internal static class FileErrors
{
    /// <summary>ENOSPC; EDQUOT of Linux and of macOS; Windows' ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL.</summary>
    private static readonly int[] Full = [28, 122, 69, unchecked((int)0x80070070), unchecked((int)0x80070027)];

    /// <summary>EROFS, ERROR_WRITE_PROTECT.</summary>
    private static readonly int[] ReadOnly = [30, unchecked((int)0x80070013)];

    /// <summary>EEXIST, ERROR_ALREADY_EXISTS: a folder that is to be made.</summary>
    private static readonly int[] Exists = [17, unchecked((int)0x800700B7)];

    /// <summary>
    /// Whether it is about the file at hand. .NET tells a file that is larger than allowed (EFBIG) as a value out of range.
    /// </summary>
    public static bool Is(Exception e) => e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException;

    /// <summary>Does something with a file; what goes wrong names it.</summary>
    /// <exception cref="FileNotWrittenException">The operating system refused.</exception>
    public static T Guard<T>(string path, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NotWritten(path, e);
        }
    }

    /// <summary>The error to show.</summary>
    /// <param name="path">The file or folder that was to be written, never the temporary one.</param>
    /// <param name="e">What .NET threw.</param>
    public static FileNotWrittenException NotWritten(string path, Exception e)
    {
        var (code, kind, remedy) = Finding(path, e);
        return new(code, kind, path, WordsOf(e), remedy, e);
    }

    private static (string Code, BackfillErrorKind Kind, string Remedy) Finding(string path, Exception e)
    {
        if (Full.Contains(e.HResult))
            return ("DiskFull", BackfillErrorKind.Storage, "The disk is full: free space there, or give a folder on another disk.");
        var (kind, remedy) =
            ReadOnly.Contains(e.HResult) ? (BackfillErrorKind.Permission, "The disk can only be read: give a folder on another disk.")
            : e is PathTooLongException ? (
                BackfillErrorKind.InvalidInput, "The name is too long: give a folder with a shorter path, or shorten the plan's batch_id.")
            : e is ArgumentOutOfRangeException ? (
                BackfillErrorKind.Storage, "The file is larger than this disk or this process allows: give a folder on another disk.")
            : Directory.Exists(path) && e is not DirectoryNotFoundException ? (
                BackfillErrorKind.InvalidInput, "A folder of that name is in the way: rename it, or give another path.")
            : FileInTheWay(Exists.Contains(e.HResult) ? path : Path.GetDirectoryName(path)) is { } file ? (
                BackfillErrorKind.InvalidInput, $"'{file}' is a file where a folder is needed: rename it, or give another path.")
            : e is UnauthorizedAccessException ? (BackfillErrorKind.Permission, "Get the right to write there, or give another path.")
            : (BackfillErrorKind.Permission, "Check the folder, its rights and the space left, or give another path.");
        return ("FileNotWritten", kind, remedy);
    }

    /// <summary>A file that stands where <paramref name="folder"/>, or one that it lies in, must be.</summary>
    private static string? FileInTheWay(string? folder)
    {
        for (; !string.IsNullOrEmpty(folder); folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(folder))
                return folder;
        }

        return null;
    }

    private static string WordsOf(Exception e)
    {
        // What a path that is denied or too long has in its message is the temporary file's name.
        var words = e switch
        {
            PathTooLongException => "the name is too long",
            ArgumentOutOfRangeException => "the file is too large",
            UnauthorizedAccessException { InnerException: IOException inner } => inner.Message,
            DirectoryNotFoundException => "the folder is not there",
            IOException io when Exists.Contains(io.HResult) => "something else is there",
            _ => e.Message,
        };
        var end = words.IndexOf(" : '", StringComparison.Ordinal);
        return (end < 0 ? words : words[..end]).TrimEnd('.', ' ');
    }
}
