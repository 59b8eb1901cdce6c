using System.Globalization;
using System.Text.RegularExpressions;

namespace Backfill.Engine.Tests.Signals;

/// <summary>Prometheus's text format, read.</summary>
internal sealed partial class MetricText
{
    public const string Environment = "deployment_environment_name";

    private readonly List<(string Name, Dictionary<string, string> Labels, double Value)> _series = [];

    public MetricText(string text)
    {
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
                Types.TryAdd(line.Split(' ')[2], line.Split(' ')[3]);
            if (line[0] != '#' && Series().Match(line) is { Success: true } series)
            {
                _series.Add((
                    series.Groups[1].Value,
                    Label().Matches(series.Groups[2].Value).ToDictionary(l => l.Groups[1].Value, l => l.Groups[2].Value),
                    double.Parse(series.Groups[3].Value, CultureInfo.InvariantCulture)));
            }
        }
    }

    public Dictionary<string, string> Types { get; } = [];

    /// <summary>The labels that a family is ever seen with, but for the environment, which all have, and a histogram's bound.</summary>
    public IEnumerable<string> LabelsOf(string family) => _series
        .Where(s => FamilyOf(s.Name) == family).SelectMany(s => s.Labels.Keys).Where(k => k is not (Environment or "le")).Distinct().Order(StringComparer.Ordinal);

    /// <summary>Whether every series has the label.</summary>
    public bool AllHave(string label) => _series.TrueForAll(s => s.Labels.ContainsKey(label));

    /// <summary>The value of the one series with these labels.</summary>
    public double Of(string name, params (string Key, string Value)[] labels) =>
        _series.Single(s => s.Name == name && labels.All(l => s.Labels.GetValueOrDefault(l.Key) == l.Value)).Value;

    /// <summary>The sum of all series with these labels.</summary>
    public double Sum(string name, params (string Key, string Value)[] labels) =>
        _series.Where(s => s.Name == name && labels.All(l => s.Labels.GetValueOrDefault(l.Key) == l.Value)).Sum(s => s.Value);

    /// <summary>A histogram's parts are its family's.</summary>
    public string FamilyOf(string name) =>
        Types.ContainsKey(name) ? name : HistogramPart().Replace(name, "");

    [GeneratedRegex("""^(\w+)(?:\{(.*)\})? (\S+)$""")]
    private static partial Regex Series();

    [GeneratedRegex(@"(\w+)=""((?:[^""\\]|\\.)*)""")]
    private static partial Regex Label();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex HistogramPart();
}
