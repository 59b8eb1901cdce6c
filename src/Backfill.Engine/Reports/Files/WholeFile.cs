using System.Globalization;

namespace Backfill.Engine.Reports.Files;

/// <summary>Files that are of no run: written whole or not at all; what was there before is kept, with its date in its name.</summary>
internal static class WholeFile
{
    /// <summary>Writes a file; one with other content that is there already is renamed first.</summary>
    /// <param name="path">The file, as a full path.</param>
    /// <param name="content">Its content.</param>
    /// <param name="check">Looks at what was written before it takes the name.</param>
    public static void WriteKeeping(string path, ReadOnlySpan<byte> content, Action<Stream>? check = null)
    {
        if (!Has(path, content))
            Write(path, content, check, () => SetAside(path), overwrite: false);
    }

    /// <summary>Writes a file where none is, or over the one that is there.</summary>
    /// <exception cref="BackfillException">
    /// <c>FileExists</c>, without <paramref name="overwrite"/>; <c>FileNotWritten</c>, <c>DiskFull</c>.
    /// </exception>
    public static void Write(string path, ReadOnlySpan<byte> content, Action<Stream>? check, bool overwrite)
    {
        // Said before the work, and once more by the rename: another may have been quicker.
        if (!overwrite && Path.Exists(path))
            throw Exists(path);
        Write(path, content, check, null, overwrite);
    }

    /// <summary>Renames a file with the date of its last change.</summary>
    /// <returns>Its new path; null where there was no file.</returns>
    public static string? SetAside(string path)
    {
        if (!File.Exists(path))
            return null;
        var day = File.GetLastWriteTimeUtc(path).ToString("yyyy-MM-dd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var plain = Path.Combine(Path.GetDirectoryName(path)!, $"{Path.GetFileNameWithoutExtension(path)}.{day}");
        var extension = Path.GetExtension(path);
        var kept = plain + extension;
        for (var number = 2; Path.Exists(kept); number++)
            kept = string.Create(CultureInfo.InvariantCulture, $"{plain}-{number}{extension}");
        return FileErrors.Guard(path, () =>
        {
            File.Move(path, kept);
            return kept;
        });
    }

    public static BackfillException Exists(string path) => new(
        "FileExists",
        BackfillErrorKind.InvalidInput,
        $"'{path}' is there already, and is not overwritten. Give another -Path, or -Force.",
        path);

    private static void Write(string path, ReadOnlySpan<byte> content, Action<Stream>? check, Action? before, bool overwrite)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
                stream.Position = 0;
                check?.Invoke(stream);
            }

            before?.Invoke();
            File.Move(temporary, path, overwrite);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FileErrors.NotWritten(path, e);
        }
        finally
        {
            ArtifactFile.Remove(temporary);
        }
    }

    private static bool Has(string path, ReadOnlySpan<byte> content)
    {
        try
        {
            return File.Exists(path) && new FileInfo(path).Length == content.Length
                && content.SequenceEqual(File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another content, for all that is known: it is renamed.
            return false;
        }
    }
}
