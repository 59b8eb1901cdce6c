namespace Backfill.Engine.Reports.Files;

/// <summary>The folder that artifacts go to.</summary>
internal static class ArtifactFolder
{
    /// <summary>Where a run's logs and its rollback script lie, beside its summary.</summary>
    public const string Logs = "backfill_logs";

    /// <summary>Makes the folders of a run, and tries them out: what hours of work end in must have a place before they begin.</summary>
    /// <param name="path">The folder, as a full path.</param>
    /// <exception cref="BackfillException"><c>FileNotWritten</c>, <c>DiskFull</c>.</exception>
    public static void MustTakeFiles(string path)
    {
        MustTakeFile(path);
        MustTakeFile(Path.Combine(path, Logs));
    }

    /// <summary>The same for a folder that takes files of its own only.</summary>
    /// <param name="path">The folder, as a full path.</param>
    /// <exception cref="BackfillException"><c>FileNotWritten</c>, <c>DiskFull</c>.</exception>
    public static void MustTakeFile(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
            var trial = Path.Combine(path, $"{Guid.NewGuid():N}.tmp");
            using var file = new FileStream(trial, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FileErrors.NotWritten(path, e);
        }
    }
}
