using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Backfill.Engine.Reports;
using Backfill.Engine.Soak.Checks;
using Backfill.Engine.Soak.Report;

namespace Backfill.Engine.Tests.Soak;

public partial class SoakChartTests
{
    private static readonly DateTimeOffset Start = new(2025, 9, 17, 8, 0, 0, TimeSpan.Zero);

    /// <summary>What one sample finds: how many sessions, how many converted, and violations of two kinds.</summary>
    private static SoakChart Chart(int samples, Func<int, (long Completed, long Converted, int Overrides, int Unscored)> found) => new(
        "abcdefghijklmnopqrst: Pass after 72 samples",
        Start,
        Start + TimeSpan.FromHours(6),
        0.85,
        [
            .. Enumerable.Range(1, samples).Select(n =>
            {
                var (completed, converted, overrides, unscored) = found(n);
                var interval = WilsonInterval.Of(converted, completed);
                return new SoakPoint(
                    Start + (TimeSpan.FromMinutes(5) * n),
                    completed == 0 ? null : (double)converted / completed,
                    completed == 0 ? null : interval.Lower,
                    completed == 0 ? null : interval.Upper,
                    [new("Version overrides", overrides), new("Legacy FC scores", 0), new("Token failures", 0), new("Unscored sessions", unscored)]);
            }),
        ]);

    public static TheoryData<string, SoakChart> Charts => new()
    {
        { "healthy", Chart(72, n => (n * 4, (n * 4) - (n / 5), 0, 0)) },
        { "faults", Chart(72, n => (n * 3, (n * 3) - (n / 2), n > 30 ? 3 : 0, n / 12)) },
        { "begun", Chart(3, n => (n, n, 0, 0)) },
        { "none", Chart(0, _ => default) },
        { "idle", Chart(5, _ => default) },
    };

    [Theory]
    [MemberData(nameof(Charts))]
    public void A_chart_is_the_same_picture_in_every_culture_and_zone(string name, SoakChart chart)
    {
        var before = CultureInfo.CurrentCulture;
        var svg = new SoakChartWriter().Draw(chart);
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("ar-EG");
            Assert.Equal(svg, new SoakChartWriter().Draw(chart));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }

        Keep(name, svg);
        XNamespace ns = "http://www.w3.org/2000/svg";
        var root = XDocument.Parse(svg).Root!;
        Assert.Equal(ns + "svg", root.Name);
        var words = root.Descendants(ns + "text").Select(t => t.Value).ToList();
        Assert.Contains("Baseline 85 %", words);
        Assert.Contains("12:00", words);
        Assert.Contains("Violations", words);
        Assert.DoesNotMatch(Script(), svg);
    }

    [Fact]
    public void Only_violations_that_were_found_have_a_place_in_the_legend()
    {
        var healthy = new SoakChartWriter().Draw(Chart(72, n => (n * 4, n * 4, 0, 0)));
        Assert.DoesNotContain("Version overrides", healthy, StringComparison.Ordinal);
        Assert.Contains("None found", healthy, StringComparison.Ordinal);
        var faulty = new SoakChartWriter().Draw(Chart(72, n => (n * 4, n * 4, 1, 0)));
        Assert.Contains("Version overrides", faulty, StringComparison.Ordinal);
        Assert.DoesNotContain("Unscored", faulty, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_kind_of_violation_has_a_lane_with_its_name_and_its_most_and_the_interval_is_never_clipped()
    {
        var svg = new SoakChartWriter().Draw(Chart(72, n => (n, n - (n / 9), n > 30 ? 3 : 0, n / 12)) with { IsSandboxClock = true });
        Assert.Contains("Version overrides: up to 3", svg, StringComparison.Ordinal);
        Assert.Contains("Unscored sessions: up to 6", svg, StringComparison.Ordinal);
        Assert.Contains("Sandbox clock, 2025-09-17 08:00:00", svg, StringComparison.Ordinal);
        // One converted session of one says from 20 % on.
        Assert.Contains(">20 %<", svg, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_with_signs_of_XML_is_text()
    {
        var svg = new SoakChartWriter().Draw(Chart(3, n => (n, n, 0, 0)) with { Title = "<script> & co" });
        Assert.Contains("&lt;script", svg, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", svg, StringComparison.Ordinal);
    }

    /// <summary>For whoever wants to look at them: BACKFILL_TEST_CHARTS names a folder.</summary>
    private static void Keep(string name, string svg)
    {
        if (Environment.GetEnvironmentVariable("BACKFILL_TEST_CHARTS") is { Length: > 0 } folder)
            File.WriteAllText(Path.Combine(Directory.CreateDirectory(folder).FullName, $"{name}.svg"), svg);
    }

    [GeneratedRegex("<script|https?://(?!www.w3.org)", RegexOptions.IgnoreCase)]
    private static partial Regex Script();
}
