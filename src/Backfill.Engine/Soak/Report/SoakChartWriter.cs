using System.Globalization;
using Backfill.Engine.Reports;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace Backfill.Engine.Soak.Report;

/// <summary>Draws a soak with OxyPlot: conversion with its interval above, what should not be below, over one axis of time.</summary>
internal sealed class SoakChartWriter : IChartWriter
{
    private const int Width = 960;
    private const int Height = 540;

    // Okabe and Ito's colours, which colour-blind readers can tell apart.
    private static readonly OxyColor Blue = OxyColor.FromRgb(0x00, 0x72, 0xB2);
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
            TextColor = SoakChartAxes.Text,
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
        SoakChartAxes.AddTo(model, chart);
        AddConversion(model, chart);
        AddViolations(model, chart);
        var measure = new WideTextMeasure(Width, Height);
        return SvgExporter.ExportToString(model, Width, Height, isDocument: true, measure, useVerticalTextAlignmentWorkaround: true)
            .Replace("font-family=\"Arial\"", "font-family=\"Arial, Helvetica, sans-serif\"", StringComparison.Ordinal)
            .ReplaceLineEndings("\n");
    }

    private static void AddConversion(PlotModel model, SoakChart chart)
    {
        var points = chart.Points.Where(p => p.Rate is not null).ToList();
        var area = new AreaSeries
        {
            Title = "95 % interval (Wilson)",
            YAxisKey = SoakChartAxes.Shares,
            Color = OxyColors.Transparent,
            Color2 = OxyColors.Transparent,
            Fill = OxyColor.FromAColor(0x38, Blue),
        };
        area.Points.AddRange(points.Select(p => new DataPoint(SoakChartAxes.X(p.At), p.Upper!.Value)));
        area.Points2.AddRange(points.Select(p => new DataPoint(SoakChartAxes.X(p.At), p.Lower!.Value)));
        model.Series.Add(area);

        var rate = new LineSeries
        {
            Title = "Conversion",
            YAxisKey = SoakChartAxes.Shares,
            Color = Blue,
            StrokeThickness = 2,
            // A line through one or two points is hardly seen.
            MarkerType = points.Count <= 40 ? MarkerType.Circle : MarkerType.None,
            MarkerSize = 3,
        };
        rate.Points.AddRange(points.Select(p => new DataPoint(SoakChartAxes.X(p.At), p.Rate!.Value)));
        model.Series.Add(rate);

        var baseline = new LineSeries
        {
            Title = FormattableString.Invariant($"Baseline {chart.Baseline * 100:0.#} %"),
            YAxisKey = SoakChartAxes.Shares,
            Color = SoakChartAxes.Text,
            StrokeThickness = 1.5,
            LineStyle = LineStyle.Dash,
        };
        baseline.Points.Add(new(SoakChartAxes.X(chart.Start), chart.Baseline));
        baseline.Points.Add(new(SoakChartAxes.X(chart.End), chart.Baseline));
        model.Series.Add(baseline);
        if (points.Count == 0)
            Say(model, chart, SoakChartAxes.Shares, (1 + chart.Baseline) / 2, "No completed session yet");
    }

    /// <summary>Bars on top of each other, one a sample; what never happened has no place in the legend.</summary>
    private static void AddViolations(PlotModel model, SoakChart chart)
    {
        var names = chart.Points.SelectMany(p => p.Violations).Where(v => v.Value > 0).Select(v => v.Key).ToHashSet(StringComparer.Ordinal);
        if (names.Count == 0)
        {
            Say(model, chart, SoakChartAxes.Counts, 2, chart.Points.Count == 0 ? "No sample taken" : "None found");
            return;
        }

        var half = (SoakChartAxes.X(chart.End) - SoakChartAxes.X(chart.Start)) / Math.Max(chart.Points.Count, 24) * 0.4;
        var all = chart.Points[0].Violations;
        for (var i = 0; i < all.Count; i++)
        {
            if (!names.Contains(all[i].Key))
                continue;
            var bars = new RectangleBarSeries { Title = all[i].Key, YAxisKey = SoakChartAxes.Counts, FillColor = Bars[i % Bars.Length], StrokeThickness = 0 };
            foreach (var point in chart.Points.Where(p => p.Violations[i].Value > 0))
            {
                var below = point.Violations.Take(i).Sum(v => v.Value);
                bars.Items.Add(new(SoakChartAxes.X(point.At) - half, below, SoakChartAxes.X(point.At) + half, below + point.Violations[i].Value));
            }

            model.Series.Add(bars);
        }
    }

    private static void Say(PlotModel model, SoakChart chart, string axis, double height, string words) =>
        model.Annotations.Add(new TextAnnotation
        {
            Text = words,
            TextPosition = new(SoakChartAxes.X(chart.Start + ((chart.End - chart.Start) / 2)), height),
            YAxisKey = axis,
            StrokeThickness = 0,
            TextColor = SoakChartAxes.Text,
            TextVerticalAlignment = VerticalAlignment.Middle,
        });
}
