using System.Management.Automation;

namespace Backfill.PowerShell.Parameters;

/// <summary>Paths as an operator writes them: relative to the runspace's place in the file system, not to the process's.</summary>
internal static class FilePaths
{
    /// <summary>The files that a path with wildcards names, as full paths; the path itself where it names none.</summary>
    /// <remarks>A file whose name looks like a pattern, <c>plan[1].json</c>, is taken as it is if it is there.</remarks>
    public static IReadOnlyList<string> Find(SessionState session, string path)
    {
        if (!WildcardPattern.ContainsWildcardCharacters(path) || File.Exists(Literal(session, path)))
            return [Literal(session, path)];
        // Only what the operator wrote is a pattern: the folder they stand in may have brackets in its name.
        var pattern = IsRelative(session, path) ? Path.Combine(WildcardPattern.Escape(Here(session)), path) : path;
        var found = Match(session, pattern, out var isFile);
        if (found.Count == 0)
        {
            throw new PlanException(
                PlanCodes.NotFound, path, $"No file matches '{path}' in {Here(session)}. Check the pattern and the current folder.");
        }

        return isFile ? found : throw NotAFile(path);
    }

    /// <summary>The full path, whether something is there or not.</summary>
    public static string Literal(SessionState session, string path)
    {
        var rooted = IsRelative(session, path) ? Path.Combine(Here(session), path) : path;
        var full = session.Path.GetUnresolvedProviderPathFromPSPath(rooted, out var provider, out _);
        return IsFileSystem(provider) ? full : throw NotAFile(path);
    }

    /// <summary>The runspace's current folder.</summary>
    public static string Here(SessionState session) => session.Path.CurrentFileSystemLocation.ProviderPath;

    private static IReadOnlyList<string> Match(SessionState session, string pattern, out bool isFile)
    {
        isFile = true;
        try
        {
            var found = session.Path.GetResolvedProviderPathFromPSPath(pattern, out var provider);
            isFile = IsFileSystem(provider);
            return [.. found];
        }
        catch (ItemNotFoundException)
        {
            return [];
        }
    }

    private static bool IsRelative(SessionState session, string path) =>
        !Path.IsPathRooted(path) && !path.StartsWith('~') && !path.Contains("::", StringComparison.Ordinal)
        && !session.Path.IsPSAbsolute(path, out _);

    private static bool IsFileSystem(ProviderInfo provider) =>
        string.Equals(provider.Name, "FileSystem", StringComparison.OrdinalIgnoreCase);

    private static BackfillException NotAFile(string path) => new(
        "PathNotFile",
        BackfillErrorKind.InvalidInput,
        $"'{path}' does not lie in the file system. Give the path of a file or a folder.",
        path);
}
