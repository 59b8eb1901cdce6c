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

    /// <summary>
    /// Makes a folder that isn't there. <see cref="Logs"/> holds personal data: it's open to its owner only, and no commit of a repository
    /// around it takes it in. One that is there stays as its owner has set it.
    /// </summary>
    /// <param name="path">The folder, as a full path.</param>
    public static void Make(string path)
    {
        var folder = Path.TrimEndingDirectorySeparator(path);
        if (Path.GetFileName(folder) != Logs)
        {
            Directory.CreateDirectory(path);
            return;
        }

        if (!Directory.Exists(folder))
        {
            if (Path.GetDirectoryName(folder) is { Length: > 0 } parent)
                Directory.CreateDirectory(parent);
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(folder);
            else
                // Others pass through it to metrics.prom, and can neither list it nor read its private files.
                Directory.CreateDirectory(
                    folder,
                    UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }

        Ignore(Path.Combine(folder, ".gitignore"));
    }

    private static void Ignore(string path)
    {
        if (File.Exists(path))
            return;
        FileStream? file = null;
        try
        {
            using (file = PrivateFile.Create(path))
                file.Write("*\n"u8);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another worker has just made it, or the folder takes no file: then the next one to be written tells why.
            if (file is not null)
                ArtifactFile.Remove(path);
        }
    }

    /// <summary>The same for a folder that takes files of its own only.</summary>
    /// <param name="path">The folder, as a full path.</param>
    /// <exception cref="BackfillException"><c>FileNotWritten</c>, <c>DiskFull</c>.</exception>
    public static void MustTakeFile(string path)
    {
        try
        {
            Make(path);
            var trial = Path.Combine(path, $"{Guid.NewGuid():N}.tmp");
            using var file =
                new FileStream(trial, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FileErrors.NotWritten(path, e);
        }
    }
}
