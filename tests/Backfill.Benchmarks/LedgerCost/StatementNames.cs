using Backfill.Engine.Connections;

namespace Backfill.Benchmarks.LedgerCost;

/// <summary>Which of the ledger's files a logged statement came from.</summary>
internal static class StatementNames
{
    private static readonly (string Name, string[] Lines)[] Files = Read();

    /// <summary>The name of the file of which the most lines are there, all of them that name no table; else its first line.</summary>
    public static string Of(string statement)
    {
        var lines = statement.Split('\n').Select(l => l.Trim()).ToHashSet(StringComparer.Ordinal);
        return Files.Where(f => f.Lines.All(lines.Contains)).OrderByDescending(f => f.Lines.Length).Select(f => f.Name).FirstOrDefault()
            ?? statement.Split('\n')[0];
    }

    private static (string Name, string[] Lines)[] Read()
    {
        var assembly = typeof(SupabaseTarget).Assembly;
        return [.. assembly.GetManifestResourceNames().Where(n => n.EndsWith(".sql", StringComparison.Ordinal)).Select(ReadOne)
            // Of a file that is placeholders all through, nothing is left to be recognized by.
            .Where(f => f.Item2.Length > 0)];

        (string, string[]) ReadOne(string file)
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(file)!);
            var lines = reader.ReadToEnd().Split('\n').Select(l => l.Trim());
            return (Path.GetFileNameWithoutExtension(file), [.. lines.Where(l => l.Length > 0 && !l.Contains("{{", StringComparison.Ordinal))]);
        }
    }
}
