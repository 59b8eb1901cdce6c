using System.Management.Automation;

namespace Backfill.PowerShell.Parameters;

/// <summary>The files in the module's folder <c>Runbooks</c>.</summary>
internal static class Runbooks
{
    private static string Folder => Path.Combine(Path.GetDirectoryName(typeof(Runbooks).Assembly.Location)!, nameof(Runbooks));

    /// <summary>All of them, by name.</summary>
    public static IReadOnlyList<FileInfo> All =>
        Directory.Exists(Folder) ? [.. new DirectoryInfo(Folder).EnumerateFiles().OrderBy(f => f.Name, StringComparer.Ordinal)] : [];

    /// <summary>Those that a pattern names, with or without their extension.</summary>
    public static IReadOnlyList<FileInfo> Find(string pattern)
    {
        var name = WildcardPattern.Get(pattern, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant);
        return [.. All.Where(f => name.IsMatch(f.Name) || name.IsMatch(Path.GetFileNameWithoutExtension(f.Name)))];
    }

    /// <summary>Copies a file, and gives the copy.</summary>
    /// <exception cref="BackfillException"><c>FileExists</c>, <c>FileNotWritten</c>.</exception>
    public static FileInfo Copy(FileInfo file, string folder, bool overwrite)
    {
        var path = Path.Combine(folder, file.Name);
        if (!overwrite && Path.Exists(path))
        {
            throw new BackfillException(
                "FileExists", BackfillErrorKind.InvalidInput, $"'{path}' is there already. Give another -Destination, or -Force to overwrite it.", path);
        }

        try
        {
            Directory.CreateDirectory(folder);
            return file.CopyTo(path, overwrite);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BackfillException(
                "FileNotWritten", BackfillErrorKind.Permission, $"'{path}' can't be written: {e.Message.TrimEnd('.')}. Give another -Destination.", path, e);
        }
    }

    public static BackfillException NotFound(string name) => new(
        "RunbookNotFound",
        BackfillErrorKind.NotFound,
        $"No file that comes with the module is called '{name}'. Get-BackfillRunbook lists them all.",
        name);
}
