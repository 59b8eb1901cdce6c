using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Backfill.Engine.Tests.Signals;

/// <summary>What <c>docs/monitoring</c> says.</summary>
internal static partial class MonitoringFiles
{
    public static string Folder { get; } = Path.Combine(TestRepository.Root, "docs", "monitoring");

    public static string Rules { get; } = Path.Combine(Folder, "backfill.rules.yml");

    public static string RuleTests { get; } = Path.Combine(Folder, "backfill.rules.test.yml");

    public static JsonNode Dashboard => JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, "grafana-dashboard.json")))!;

    /// <summary>Panels that ask something, with their queries.</summary>
    public static IReadOnlyList<(string Panel, string Query)> Queries =>
    [
        .. from panel in Dashboard["panels"]!.AsArray()
           from target in panel!["targets"]?.AsArray() ?? []
           select ((string)panel!["title"]!, (string)target!["expr"]!),
    ];

    /// <summary>Alerts with all that is said of them.</summary>
    public static IReadOnlyList<(string Alert, string Expression, string Text)> Alerts =>
    [
        .. File.ReadAllText(Rules).Split("      - alert: ").Skip(1).Select(text => (
            text[..text.IndexOf('\n', StringComparison.Ordinal)],
            Expression().Match(text) is { Success: true } e ? e.Groups[1].Value : throw new InvalidOperationException(text),
            text)),
    ];

    /// <summary>The rows of a table of the README, cell by cell, whose first cell names something of ours.</summary>
    public static IReadOnlyList<string[]> Table(string heading)
    {
        var text = File.ReadAllText(Path.Combine(Folder, "README.md")).Split($"\n## {heading}\n")[1].Split("\n## ")[0];
        return [.. text.Split('\n').Where(l => l.StartsWith("| `backfill", StringComparison.Ordinal)).Select(l => l.Trim('|').Split('|', StringSplitOptions.TrimEntries))];
    }

    /// <summary>What stands in code marks.</summary>
    public static IEnumerable<string> Words(string cell) => Code().Matches(cell).Select(m => m.Groups[1].Value);

    /// <summary>The series that a query asks for, each with its labels.</summary>
    public static IEnumerable<string> SelectorsOf(string query) =>
        Selector().Matches(Grouping().Replace(query, " ")).Select(m => m.Value).Distinct();

    public static string NameOf(string selector) => selector.Split('{')[0];

    [GeneratedRegex(@"\n        expr: (?:\|\n)?((?:.+\n)(?:          .+\n)*)")]
    private static partial Regex Expression();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();

    [GeneratedRegex(@"\b(by|without|ignoring|on|group_left|group_right)\s*\([^)]*\)")]
    private static partial Regex Grouping();

    [GeneratedRegex(@"\bbackfill_\w+(\{[^}]*\})?(?![\w=])(?!\s*=~)")]
    private static partial Regex Selector();
}
