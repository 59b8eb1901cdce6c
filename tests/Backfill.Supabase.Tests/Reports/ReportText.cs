using System.Net;
using System.Text.RegularExpressions;

namespace Backfill.Supabase.Tests.Reports;

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

    /// <summary>How many places hold what a browser would take for that element.</summary>
    public int Count(string element) => Regex.Count(Html, $"<{element}[\\s>/]", RegexOptions.IgnoreCase);

    /// <summary>Without what differs from one writing to the next.</summary>
    public string WithoutWriteTime => WriteTime().Replace(Html, "");

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
