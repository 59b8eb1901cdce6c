namespace Backfill.Packaging;

/// <summary>What is new, in the words of the change log.</summary>
internal static class ReleaseNotes
{
    private const string Heading = "## ";

    /// <summary>The text of the newest section, which must be this version's.</summary>
    /// <exception cref="InvalidDataException">It is not, or says nothing.</exception>
    public static string Newest(string changes, string version)
    {
        var lines = changes.ReplaceLineEndings("\n").Split('\n');
        var start = Array.FindIndex(lines, IsHeading);
        if (start < 0 || !lines[start][Heading.Length..].Split(' ')[0].Equals(version, StringComparison.Ordinal))
            throw new InvalidDataException($"The newest section of the change log is not about {version}, the manifest's version.");
        var text = string.Join('\n', lines.Skip(start + 1).TakeWhile(line => !IsHeading(line))).Trim();
        return text.Length > 0 ? text : throw new InvalidDataException($"The change log says nothing about {version}.");
    }

    private static bool IsHeading(string line) => line.StartsWith(Heading, StringComparison.Ordinal);
}
