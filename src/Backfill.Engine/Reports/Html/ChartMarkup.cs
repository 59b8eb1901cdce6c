using System.Globalization;
using System.Text;
using System.Xml.Linq;

namespace Backfill.Engine.Reports.Html;

/// <summary>
/// A chart as part of a page. A plotting library styles by attributes that the page's policy refuses, so they become plain SVG
/// attributes; and whatever is not drawing is left out.
/// </summary>
internal static class ChartMarkup
{
    private static readonly HashSet<string> Elements = new(StringComparer.Ordinal)
    {
        "svg", "g", "rect", "line", "polyline", "polygon", "path", "circle", "ellipse", "text", "tspan", "defs", "clipPath", "title", "desc",
    };

    private static readonly HashSet<string> Attributes = new(StringComparer.Ordinal)
    {
        "viewBox", "x", "y", "x1", "y1", "x2", "y2", "dx", "dy", "cx", "cy", "r", "rx", "ry", "width", "height", "points", "d", "transform",
        "fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "stroke-linejoin", "stroke-linecap", "opacity",
        "font-family", "font-size", "font-weight", "text-anchor", "dominant-baseline", "clip-path", "id", "shape-rendering",
    };

    /// <summary>The chart's markup.</summary>
    /// <param name="svg">An SVG document.</param>
    /// <param name="prefix">Of its ids, where a page has several charts.</param>
    public static string Of(string svg, string prefix = "")
    {
        var root = XDocument.Parse(svg).Root!;
        if (prefix.Length > 0)
            Rename(root, prefix);
        var html = new StringBuilder();
        Append(html, root, isRoot: true);
        return html.ToString();
    }

    private static void Rename(XElement root, string prefix)
    {
        foreach (var attribute in root.DescendantsAndSelf().Attributes())
        {
            if (attribute.Name.LocalName == "id")
                attribute.Value = prefix + attribute.Value;
            else
                attribute.Value = attribute.Value.Replace("url(#", $"url(#{prefix}", StringComparison.Ordinal);
        }
    }

    private static void Append(StringBuilder html, XElement element, bool isRoot)
    {
        var name = element.Name.LocalName;
        if (!Elements.Contains(name))
            return;
        html.Append('<').Append(name);
        foreach (var (key, value) in Wanted(element, isRoot))
        {
            html.Append(' ').Append(key).Append("=\"");
            HtmlEncoding.Append(html, value);
            html.Append('"');
        }

        // The text beside it says what it shows.
        html.Append(isRoot ? " role=\"img\" aria-labelledby=\"soak-chart\">" : ">");
        foreach (var node in element.Nodes())
        {
            if (node is XElement child)
                Append(html, child, isRoot: false);
            else if (node is XText text)
                HtmlEncoding.Append(html, text.Value.Trim('\n'));
        }

        html.Append(CultureInfo.InvariantCulture, $"</{name}>");
    }

    private static List<(string Key, string Value)> Wanted(XElement element, bool isRoot)
    {
        var found = element.Attributes().Where(a => !a.IsNamespaceDeclaration && a.Name.Namespace == XNamespace.None)
            .SelectMany(a => a.Name.LocalName == "style" ? Declarations(a.Value) : [(a.Name.LocalName, a.Value)])
            // Its size is the page's; the view box keeps its shape.
            .Where(a => Attributes.Contains(a.Item1) && !(isRoot && a.Item1 is ("width" or "height")))
            .Where(a => !a.Item2.Contains("url(", StringComparison.OrdinalIgnoreCase)
            || a.Item2.StartsWith("url(#", StringComparison.Ordinal))
            .DistinctBy(a => a.Item1, StringComparer.Ordinal).ToList();
        if (isRoot && found.All(a => a.Item1 != "viewBox"))
            found.Add(("viewBox", $"0 0 {element.Attribute("width")?.Value} {element.Attribute("height")?.Value}"));
        return found;
    }

    private static IEnumerable<(string, string)> Declarations(string style) => style
        .Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(d => d.Split(':', 2, StringSplitOptions.TrimEntries))
        .Where(d => d.Length == 2)
        .Select(d => (d[0], d[1]));
}
