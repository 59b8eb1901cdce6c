using Backfill.Engine.Reports;
using OxyPlot;
using OxyPlot.Axes;

namespace Backfill.Engine.Soak.Report;

/// <summary>
/// One axis of time below, and two on the left: shares in the upper part, and a lane for each kind of violation in the lower one.
/// </summary>
internal static class SoakChartAxes
{
    public const string Shares = "shares";
    public const string Counts = "counts";

    public static readonly OxyColor Text = OxyColor.FromRgb(0x33, 0x33, 0x33);

    public static readonly OxyColor Grid = OxyColor.FromRgb(0xE6, 0xE6, 0xE6);

    public static double X(DateTimeOffset time) => DateTimeAxis.ToDouble(time.UtcDateTime);

    public static void AddTo(PlotModel model, SoakChart chart)
    {
        var length = chart.End - chart.Start;
        // Room for half a bar at the last sample.
        var edge = length / 80;
        model.Axes.Add(new DateTimeAxis
        {
            Position = AxisPosition.Bottom,
            Minimum = X(chart.Start - edge),
            Maximum = X(chart.End + edge),
            Title = Words(chart),
            AxisTitleDistance = 14,
            StringFormat = length < TimeSpan.FromMinutes(10) ? "HH:mm:ss" : length < TimeSpan.FromDays(2) ? "HH:mm" : "MM-dd HH:mm",
            MajorGridlineStyle = LineStyle.Solid,
            MajorGridlineColor = Grid,
            AxislineStyle = LineStyle.Solid,
            AxislineColor = Text,
            TicklineColor = Text,
            MinorTickSize = 0,
        });
        var lowest = chart.Points.Select(p => p.Lower ?? 1).Append(chart.Baseline).Min();
        model.Axes.Add(new LinearAxis
        {
            Key = Shares,
            Position = AxisPosition.Left,
            StartPosition = 0.40,
            EndPosition = 1,
            Minimum = Math.Max(0, Math.Floor((lowest - 0.05) * 10) / 10),
            Maximum = 1.005,
            Title = "Conversion",
            LabelFormatter = share => FormattableString.Invariant($"{Math.Round(share * 100, 1):0.#} %"),
            MajorGridlineStyle = LineStyle.Solid,
            MajorGridlineColor = Grid,
            TicklineColor = Text,
            MinorTickSize = 0,
            AxisTitleDistance = 10,
        });
        var found = chart.Found;
        // A lane a kind, the first on top: told apart by place and name, and not by colour.
        model.Axes.Add(new LinearAxis
        {
            Key = Counts,
            Position = AxisPosition.Left,
            StartPosition = 0,
            EndPosition = 0.30,
            Minimum = -0.5,
            Maximum = Math.Max(found.Count, 1) - 0.5,
            MajorStep = 1,
            Title = "Violations",
            // The lanes have their names in them.
            LabelFormatter = _ => "",
            MajorGridlineStyle = LineStyle.None,
            TickStyle = TickStyle.None,
            MinorTickSize = 0,
            AxisTitleDistance = 10,
        });
    }

    private static string Words(SoakChart chart)
    {
        var clock = chart.IsSandboxClock ? "Sandbox clock" : "UTC";
        return chart.IsNarrow
            ? FormattableString.Invariant($"{clock}, from {chart.Start.UtcDateTime:yyyy-MM-dd HH:mm}")
            : FormattableString.Invariant(
                $"{clock}, {chart.Start.UtcDateTime:yyyy-MM-dd HH:mm:ss} to {chart.End.UtcDateTime:yyyy-MM-dd HH:mm:ss}");
    }
}
