using System.Globalization;

namespace Backfill.Engine.Tests.Reports;

/// <summary><c>metrics.prom</c>, line by line.</summary>
public sealed class PromText
{
    private readonly List<(string Name, string Labels, double Value)> _lines = [];

    private PromText(IEnumerable<string> lines)
    {
        foreach (var line in lines.Where(l => !l.StartsWith('#')))
        {
            var (space, brace) = (line.LastIndexOf(' '), line.IndexOf('{', StringComparison.Ordinal));
            var end = brace < 0 ? space : brace;
            _lines.Add((line[..end], line[end..space], double.Parse(line[(space + 1)..], CultureInfo.InvariantCulture)));
        }
    }

    public static async Task<PromText> ReadAsync(string folder) =>
        new(await File.ReadAllLinesAsync(Path.Combine(folder, "backfill_logs", "metrics.prom")));

    /// <summary>The sum of a metric over all lines with these labels; 0 where there is none.</summary>
    public double Sum(string metric, params ReadOnlySpan<(string Label, string Value)> labels)
    {
        var wanted = labels.ToArray().Select(l => $"{l.Label}=\"{l.Value}\"").ToList();
        return _lines.Where(l => l.Name == metric && wanted.TrueForAll(w => l.Labels.Contains(w, StringComparison.Ordinal))).Sum(l => l.Value);
    }

    /// <summary>The one value of a metric with these labels.</summary>
    public double Value(string metric, params ReadOnlySpan<(string Label, string Value)> labels)
    {
        Assert.Contains(_lines, l => l.Name == metric);
        return Sum(metric, labels);
    }
}
