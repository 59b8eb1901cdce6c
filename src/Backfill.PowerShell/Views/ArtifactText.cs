using System.Collections;
using System.Globalization;

namespace Backfill.PowerShell.Views;

/// <summary>The files of a phase in a sentence: a large plan has thousands of them.</summary>
public static class ArtifactText
{
    /// <summary>What a reviewer reads first, in this order; nobody reads the others from beginning to end.</summary>
    private static readonly string[] First =
    [
        "backfill_summary.md", "execution_results.json", "staging_observability.md", "staging_observability.svg",
        "prod_health_check.md", "prod_mini_backfill_plan.json",
    ];

    /// <summary>The files of a pipeline's step.</summary>
    /// <param name="files">The files, as full paths; null where there are none.</param>
    /// <returns>The sentence; empty where there are none.</returns>
    public static string Of(IEnumerable? files)
    {
        var all = (files ?? Array.Empty<object>()).Cast<object>().Select(f => $"{f}").ToList();
        // Logs lie in a folder below that of the others.
        return all.Count == 0 ? "" : Of(all.Select(f => Path.GetDirectoryName(f) ?? "").MinBy(f => f.Length)!, all);
    }

    /// <summary>The folder, the two files to read, and how many there are.</summary>
    /// <param name="folder">The folder that was asked for.</param>
    /// <param name="files">All files, as full paths.</param>
    /// <returns>
    /// For example <c>Artifacts: 14 files in /srv/backfill. Read backfill_summary.md and backfill_logs/execution_results.json
    /// first.</c>
    /// </returns>
    internal static string Of(string folder, IReadOnlyList<string> files)
    {
        var toRead = First
            .SelectMany(name => files.Where(f => Path.GetFileName(f) == name))
            .Select(f => Path.GetRelativePath(folder, f).Replace('\\', '/'))
            .Take(2).ToList();
        var read = toRead.Count == 0 ? "" : $" Read {string.Join(" and ", toRead)} first.";
        return string.Create(CultureInfo.InvariantCulture, $"Artifacts: {CountText.Of(files.Count, "file")} in {folder}.{read}");
    }
}
