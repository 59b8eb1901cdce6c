using System.Text;
using System.Text.RegularExpressions;

namespace Backfill.Reports;

/// <summary>Writes a file whole or not at all, and never over another run's.</summary>
internal static partial class ArtifactFile
{
    /// <summary>How far into a file its run id is looked for.</summary>
    private const int HeadLength = 4096;

    public static async Task<string> WriteAsync(
        string path, Guid runId, Func<Stream, Task> write, CancellationToken cancellationToken, bool isPrivate = false)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            await using (var stream = isPrivate ? PrivateFile.Create(temporary) : new(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                await write(stream).ConfigureAwait(false);
                await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
                stream.Flush(flushToDisk: true);
            }

            KeepOther(path, runId);
            File.Move(temporary, path, overwrite: true);
            return path;
        }
        finally
        {
            File.Delete(temporary);
        }
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

    /// <summary>The run that a file tells of; null where it names none.</summary>
    public static Guid? OwnerOf(string path)
    {
        using var reader = new StreamReader(path, Encoding.UTF8);
        var head = new char[HeadLength];
        var length = reader.ReadBlock(head, 0, head.Length);
        var match = RunId().Match(new string(head, 0, length));
        return match.Success ? Guid.Parse(match.Groups[1].Value) : null;
    }

    [GeneratedRegex("run_id\"?: ?\"?([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})")]
    private static partial Regex RunId();
}
