namespace Backfill.Reports;

/// <summary>The folder that artifacts go to.</summary>
internal static class ArtifactFolder
{
    /// <summary>Makes the folder, and tries it out: what hours of work end in must have a place before they begin.</summary>
    /// <param name="path">The folder, as a full path.</param>
    /// <exception cref="BackfillException"><c>FileNotWritten</c>.</exception>
    public static void MustTakeFiles(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
            var trial = Path.Combine(path, $"{Guid.NewGuid():N}.tmp");
            using var file = new FileStream(trial, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw WholeFile.NotWritten(path, e);
        }
    }
}
