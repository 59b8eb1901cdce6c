using System.Text;
using System.Text.RegularExpressions;

namespace Backfill.Engine.Reports.Files;

/// <summary>Writes a file whole or not at all, and never over another run's.</summary>
internal static partial class ArtifactFile
{
    /// <summary>How far into a file its run id is looked for.</summary>
    private const int HeadLength = 4096;

    /// <summary>Writes a file under a temporary name, and renames it once it lies on the disk.</summary>
    /// <param name="path">The file, as a full path.</param>
    /// <param name="runId">The run that owns it.</param>
    /// <param name="write">Writes its content.</param>
    /// <param name="cancellationToken">Stops the writing.</param>
    /// <param name="isPrivate">Whether its owner alone may read it.</param>
    /// <returns>The file.</returns>
    /// <exception cref="BackfillException"><c>FileNotWritten</c>, <c>DiskFull</c>, and what <paramref name="write"/> throws.</exception>
    public static async Task<string> WriteAsync(
        string path, Guid runId, Func<Stream, Task> write, CancellationToken cancellationToken, bool isPrivate = false)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            await using (var stream = FileErrors.Guard(path, () => Create(temporary, path, isPrivate)))
            {
                await write(stream).ConfigureAwait(false);
                await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
                stream.FlushToDisk();
            }

            return FileErrors.Guard(path, () =>
            {
                KeepOther(path, runId);
                File.Move(temporary, path, overwrite: true);
                return path;
            });
        }
        finally
        {
            Remove(temporary);
        }
    }

    /// <summary>Removes a temporary file if it is there. What went wrong before says more than what goes wrong here.</summary>
    public static void Remove(string temporary)
    {
        try
        {
            if (File.Exists(temporary))
                File.Delete(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    private static WrittenFile Create(string temporary, string path, bool isPrivate)
    {
        ArtifactFolder.Make(Path.GetDirectoryName(path)!);
        return new(isPrivate ? PrivateFile.Create(temporary) : new(temporary, FileMode.CreateNew, FileAccess.Write), path);
    }

    /// <summary>Renames another run's file with that run's id; one that names no run gets its date.</summary>
    private static void KeepOther(string path, Guid runId)
    {
        if (!File.Exists(path))
            return;
        var owner = OwnerOf(path);
        if (owner == runId)
            return;
        var suffix = owner?.ToString() ?? File.GetLastWriteTimeUtc(path).ToString("yyyy-MM-dd'T'HHmmss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        var folder = Path.GetDirectoryName(path)!;
        var name = Path.GetFileNameWithoutExtension(path);
        var kept = Path.Combine(folder, $"{name}.{suffix}{Path.GetExtension(path)}");
        // The same run's older copy gives way to its newer one.
        File.Move(path, kept, overwrite: owner is not null);
    }

    /// <summary>The run that a file tells of; null where it names none, or can't be read, as another operator's private one.</summary>
    public static Guid? OwnerOf(string path)
    {
        try
        {
            using var reader = new StreamReader(path, Encoding.UTF8);
            var head = new char[HeadLength];
            var length = reader.ReadBlock(head, 0, head.Length);
            var match = RunId().Match(new string(head, 0, length));
            return match.Success ? Guid.Parse(match.Groups[1].Value) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [GeneratedRegex("run_id\"?: ?\"?([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})")]
    private static partial Regex RunId();
}
