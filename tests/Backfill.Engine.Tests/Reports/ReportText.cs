using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Backfill.Engine.Tests.Reports;

/// <summary>A report as a reader sees it: what stands in its places.</summary>
public sealed partial record ReportText(string Path, string Html)
{
    /// <summary>The figures that carry a name, as they are shown.</summary>
    public IReadOnlyDictionary<string, string> Figures { get; } = NamedFigure().Matches(Html)
        .ToDictionary(m => m.Groups[2].Value, m => Time().Match(m.Groups[3].Value) is { Success: true } time ? time.Groups[1].Value : Plain(m.Groups[3].Value));

    /// <summary>The rows of a table, cell by cell.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Rows(string table)
    {
        var from = Html.IndexOf($"<table id=\"{table}\"", StringComparison.Ordinal);
        Assert.True(from >= 0, $"There is no table {table}.");
        var body = Html[Html.IndexOf("<tbody>", from, StringComparison.Ordinal)..Html.IndexOf("</tbody>", from, StringComparison.Ordinal)];
        return [.. Row().Matches(body).Select(r => (IReadOnlyList<string>)[.. Cell().Matches(r.Value).Select(c => Plain(c.Groups[2].Value))])];
    }

    /// <summary>Every single figure of <c>execution_results.json</c> stands in the page under its own name, and is the same.</summary>
    public void MustShow(JsonNode results)
    {
        var expected = Leaves(results, "").ToDictionary();
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), Figures.Keys.Where(expected.ContainsKey).Order(StringComparer.Ordinal));
        Assert.All(expected, leaf => Assert.Equal((leaf.Key, leaf.Value), (leaf.Key, Comparable(leaf.Value, Figures[leaf.Key]))));
    }

    /// <summary>How many places hold what a browser would take for that element.</summary>
    public int Count(string element) => Regex.Count(Html, $"<{element}[\\s>/]", RegexOptions.IgnoreCase);

    /// <summary>Without what differs from one writing to the next.</summary>
    public string WithoutWriteTime => WriteTime().Replace(Html, "");

    private static IEnumerable<KeyValuePair<string, string>> Leaves(JsonNode? node, string path)
    {
        // These are compared by themselves: lists of the page are tables.
        if (path is "errors" or "gates/items" or "verification/met"
            || path.EndsWith("/match", StringComparison.Ordinal) || path.EndsWith("/met", StringComparison.Ordinal) || path == "gates/chain_break")
            return [];
        return node switch
        {
            JsonObject members => members.SelectMany(m => Leaves(m.Value, path.Length == 0 ? m.Key : $"{path}/{m.Key}")),
            JsonArray items => items.SelectMany((item, i) => Leaves(item, $"{path}/{i}")),
            null => [new(path, "–")],
            _ => [new(path, node.GetValueKind() == JsonValueKind.String ? (string)node! : node.ToJsonString())],
        };
    }

    /// <summary>Times to the millisecond, figures without their separators.</summary>
    private static string Comparable(string wanted, string shown)
    {
        if (DateTimeOffset.TryParse(wanted, CultureInfo.InvariantCulture, out var time) && shown.EndsWith('Z'))
        {
            Assert.Equal(time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture), shown);
            return wanted;
        }

        return double.TryParse(wanted, CultureInfo.InvariantCulture, out _) ? shown.Replace(",", "", StringComparison.Ordinal) : shown;
    }

    /// <summary>Line ends of the markup are none of the text's.</summary>
    private static string Plain(string html) =>
        WebUtility.HtmlDecode(Tag().Replace(html.Replace("\n<", "<", StringComparison.Ordinal).Replace(">\n", ">", StringComparison.Ordinal), "")).Trim('\n', ' ');

    [GeneratedRegex("<(\\w+)[^>]*data-figure=\"([^\"]+)\"[^>]*>(.*?)</\\1>", RegexOptions.Singleline)]
    private static partial Regex NamedFigure();

    [GeneratedRegex("<time datetime=\"([^\"]+)\"")]
    private static partial Regex Time();

    [GeneratedRegex("<tr.*?</tr>", RegexOptions.Singleline)]
    private static partial Regex Row();

    [GeneratedRegex("<(t[dh])(?:\\s[^>]*)?>(.*?)</\\1>", RegexOptions.Singleline)]
    private static partial Regex Cell();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();

    [GeneratedRegex("Written at <time.*?</time>")]
    private static partial Regex WriteTime();
}
