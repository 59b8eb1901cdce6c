using System.Globalization;
using Backfill.Reports;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace Backfill.Supabase.Reports;

/// <summary>Draws a soak with OxyPlot: conversion with its interval above, what should not be below, over one axis of time.</summary>
internal sealed class SoakChartWriter : IChartWriter
{
    private const int Width = 960;
    private const int Height = 540;
    private const string Shares = "shares";
    private const string Counts = "counts";

    // Okabe and Ito's colours, which colour-blind readers can tell apart.
    private static readonly OxyColor Blue = OxyColor.FromRgb(0x00, 0x72, 0xB2);
    private static readonly OxyColor Text = OxyColor.FromRgb(0x33, 0x33, 0x33);
    private static readonly OxyColor Grid = OxyColor.FromRgb(0xE6, 0xE6, 0xE6);
    private static readonly OxyColor[] Bars =
    [
        OxyColor.FromRgb(0xD5, 0x5E, 0x00), OxyColor.FromRgb(0xE6, 0x9F, 0x00),
        OxyColor.FromRgb(0xCC, 0x79, 0xA7), OxyColor.FromRgb(0x55, 0x55, 0x55),
    ];

    public string Draw(SoakChart chart)
    {
        var model = new PlotModel
        {
            Title = chart.Title,
            TitleHorizontalAlignment = TitleHorizontalAlignment.CenteredWithinPlotArea,
            TitleFontSize = 16,
            TitlePadding = 14,
            TextColor = Text,
            PlotAreaBorderThickness = new OxyThickness(0),
            Padding = new OxyThickness(12, 10, 24, 6),
            Background = OxyColors.White,
            Culture = CultureInfo.InvariantCulture,
            DefaultFont = "Arial",
            DefaultFontSize = 12,
        };
        model.Legends.Add(new Legend
        {
            LegendPlacement = LegendPlacement.Outside,
            LegendPosition = LegendPosition.BottomCenter,
            LegendOrientation = LegendOrientation.Horizontal,
            LegendItemSpacing = 24,
        });
        AddAxes(model, chart);
        AddConversion(model, chart);
        AddViolations(model, chart);
        var measure = new WideMeasure(Width, Height);
        return SvgExporter.ExportToString(model, Width, Height, isDocument: true, measure, useVerticalTextAlignmentWorkaround: true)
            .Replace("font-family=\"Arial\"", "font-family=\"Arial, Helvetica, sans-serif\"", StringComparison.Ordinal)
            .ReplaceLineEndings("\n");
    }

    private static double X(DateTimeOffset time) => DateTimeAxis.ToDouble(time.UtcDateTime);

    private static void AddAxes(PlotModel model, SoakChart chart)
    {
        var length = chart.End - chart.Start;
        // Room for half a bar at the last sample.
        var edge = length / 80;
        model.Axes.Add(new DateTimeAxis
        {
            Position = AxisPosition.Bottom,
            Minimum = X(chart.Start - edge),
            Maximum = X(chart.End + edge),
            Title = FormattableString.Invariant($"UTC, {chart.Start.UtcDateTime:yyyy-MM-dd HH:mm:ss} to {chart.End.UtcDateTime:yyyy-MM-dd HH:mm:ss}"),
            AxisTitleDistance = 14,
            StringFormat = length < TimeSpan.FromMinutes(10) ? "HH:mm:ss" : length < TimeSpan.FromDays(2) ? "HH:mm" : "MM-dd HH:mm",
            MajorGridlineStyle = LineStyle.Solid,
            MajorGridlineColor = Grid,
            AxislineStyle = LineStyle.Solid,
            AxislineColor = Text,
            TicklineColor = Text,
            MinorTickSize = 0,
        });
        // So that 85 and 97 % do not look alike, the first intervals, wide for want of data, may run out of the picture.
        var lowest = chart.Points.Skip(chart.Points.Count / 4).Select(p => p.Lower ?? 1).Append(chart.Baseline).Min();
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
        var most = chart.Points.Select(p => p.Violations.Sum(v => v.Value)).Append(0).Max();
        model.Axes.Add(new LinearAxis
        {
            Key = Counts,
            Position = AxisPosition.Left,
            StartPosition = 0,
            EndPosition = 0.30,
            Minimum = 0,
            Maximum = Math.Max(4, most * 1.1),
            MinimumMajorStep = 1,
            Title = "Violations",
            LabelFormatter = count => count.ToString("0", CultureInfo.InvariantCulture),
            MajorGridlineStyle = LineStyle.Solid,
            MajorGridlineColor = Grid,
            TicklineColor = Text,
            MinorTickSize = 0,
            AxisTitleDistance = 10,
        });
    }

    private static void AddConversion(PlotModel model, SoakChart chart)
    {
        var points = chart.Points.Where(p => p.Rate is not null).ToList();
        var area = new AreaSeries
        {
            Title = "95 % interval (Wilson)",
            YAxisKey = Shares,
            Color = OxyColors.Transparent,
            Color2 = OxyColors.Transparent,
            Fill = OxyColor.FromAColor(0x38, Blue),
        };
        area.Points.AddRange(points.Select(p => new DataPoint(X(p.At), p.Upper!.Value)));
        area.Points2.AddRange(points.Select(p => new DataPoint(X(p.At), p.Lower!.Value)));
        model.Series.Add(area);

        var rate = new LineSeries
        {
            Title = "Conversion",
            YAxisKey = Shares,
            Color = Blue,
            StrokeThickness = 2,
            // A line through one or two points is hardly seen.
            MarkerType = points.Count <= 40 ? MarkerType.Circle : MarkerType.None,
            MarkerSize = 3,
        };
        rate.Points.AddRange(points.Select(p => new DataPoint(X(p.At), p.Rate!.Value)));
        model.Series.Add(rate);

        var baseline = new LineSeries
        {
            Title = FormattableString.Invariant($"Baseline {chart.Baseline * 100:0.#} %"),
            YAxisKey = Shares,
            Color = Text,
            StrokeThickness = 1.5,
            LineStyle = LineStyle.Dash,
        };
        baseline.Points.Add(new(X(chart.Start), chart.Baseline));
        baseline.Points.Add(new(X(chart.End), chart.Baseline));
        model.Series.Add(baseline);
        if (points.Count == 0)
            Say(model, chart, Shares, (1 + chart.Baseline) / 2, "No completed session yet");
    }

    /// <summary>Bars on top of each other, one a sample; what never happened has no place in the legend.</summary>
    private static void AddViolations(PlotModel model, SoakChart chart)
    {
        var names = chart.Points.SelectMany(p => p.Violations).Where(v => v.Value > 0).Select(v => v.Key).ToHashSet(StringComparer.Ordinal);
        if (names.Count == 0)
        {
            Say(model, chart, Counts, 2, chart.Points.Count == 0 ? "No sample taken" : "None found");
            return;
        }

        var half = (X(chart.End) - X(chart.Start)) / Math.Max(chart.Points.Count, 24) * 0.4;
        var all = chart.Points[0].Violations;
        for (var i = 0; i < all.Count; i++)
        {
            if (!names.Contains(all[i].Key))
                continue;
            var bars = new RectangleBarSeries { Title = all[i].Key, YAxisKey = Counts, FillColor = Bars[i % Bars.Length], StrokeThickness = 0 };
            foreach (var point in chart.Points.Where(p => p.Violations[i].Value > 0))
            {
                var below = point.Violations.Take(i).Sum(v => v.Value);
                bars.Items.Add(new(X(point.At) - half, below, X(point.At) + half, below + point.Violations[i].Value));
            }

            model.Series.Add(bars);
        }
    }

    private static void Say(PlotModel model, SoakChart chart, string axis, double height, string words) =>
        model.Annotations.Add(new TextAnnotation
        {
            Text = words,
            TextPosition = new(X(chart.Start + ((chart.End - chart.Start) / 2)), height),
            YAxisKey = axis,
            StrokeThickness = 0,
            TextColor = Text,
            TextVerticalAlignment = VerticalAlignment.Middle,
        });

    /// <summary>Leaves room: where Arial is not installed, its stand-ins are up to a third wider.</summary>
    private sealed class WideMeasure(double width, double height) : PdfRenderContext(width, height, OxyColors.White)
    {
        public override OxySize MeasureText(string text, string fontFamily, double fontSize, double fontWeight)
        {
            var size = base.MeasureText(text, fontFamily, fontSize, fontWeight);
            return new(size.Width * 1.35, size.Height);
        }
    }
}
