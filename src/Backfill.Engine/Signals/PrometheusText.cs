using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Backfill.Engine.Signals;

/// <summary>Prometheus's text format: names, labels, and families told apart. Pure.</summary>
internal static class PrometheusText
{
    /// <summary>
    /// The name as OpenTelemetry's rules for Prometheus make it: underscores, the unit's name, <c>_total</c> for counters.
    /// </summary>
    public static string Name(Instrument instrument)
    {
        var name = Plain(instrument.Name) + (instrument.Unit == "s" ? "_seconds" : instrument.Unit == "1" ? "_ratio" : "");
        return instrument is Counter<long> or Counter<double> ? $"{name}_total" : name;
    }

    /// <summary>Labels in the order of their names; what is null is left out.</summary>
    public static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new List<string>(tags.Length);
        foreach (var (key, value) in tags)
        {
            if (value is not null)
                labels.Add($"{Plain(key)}=\"{Escaped(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "")}\"");
        }

        labels.Sort(StringComparer.Ordinal);
        return string.Join(',', labels);
    }

    /// <summary>The families of a text that this writes, each with its comment lines.</summary>
    public static Dictionary<string, string> Families(string text)
    {
        var families = new Dictionary<string, string>(StringComparer.Ordinal);
        var (name, block) = ("", new StringBuilder());
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("# HELP ", StringComparison.Ordinal))
            {
                Keep();
                name = line["# HELP ".Length..].Split(' ', 2)[0];
            }

            block.Append(line).Append('\n');
        }

        Keep();
        return families;

        void Keep()
        {
            if (name.Length > 0)
                families[name] = block.ToString();
            block.Clear();
        }
    }

    private static string Plain(string name) => string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));

    /// <summary>A description in one line.</summary>
    public static string Help(string? text) =>
        (text ?? "").Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static string Escaped(string value) => value
        .Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
