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
    private const int Height = 540;
    private const int WideWidth = 960;
    private const int NarrowWidth = 420;

    // Okabe and Ito's colours, which colour-blind readers can tell apart.
    private static readonly OxyColor Blue = OxyColor.FromRgb(0x00, 0x72, 0xB2);

    /// <summary>What should not be there.</summary>
    private static readonly OxyColor Red = OxyColor.FromRgb(0xB3, 0x26, 0x1E);

    public string Draw(SoakChart chart)
    {
        var model = new PlotModel
        {
            Title = chart.Title,
            TitleHorizontalAlignment = TitleHorizontalAlignment.CenteredWithinView,
            TitleFontSize = chart.IsNarrow ? 13 : 16,
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
            LegendLineSpacing = 8,
        });
        SoakChartAxes.AddTo(model, chart);
        AddConversion(model, chart);
        AddViolations(model, chart);
        var width = chart.IsNarrow ? NarrowWidth : WideWidth;
        var measure = new WideTextMeasure(width, Height);
        return SvgExporter.ExportToString(model, width, Height, isDocument: true, measure, useVerticalTextAlignmentWorkaround: true)
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

    /// <summary>A lane for each kind that was found, with a bar a sample; as high as the lane is the most that was found of it.</summary>
    private static void AddViolations(PlotModel model, SoakChart chart)
    {
        var found = chart.Found;
        if (found.Count == 0)
        {
            Say(model, chart, SoakChartAxes.Counts, 0, chart.Points.Count == 0 ? "No sample taken" : "None found");
            return;
        }

        var half = (SoakChartAxes.X(chart.End) - SoakChartAxes.X(chart.Start)) / Math.Max(chart.Points.Count, 24) * 0.4;
        for (var i = 0; i < found.Count; i++)
        {
            var (name, most) = found[i];
            var bottom = found.Count - 1 - i - 0.4;
            var bars = new RectangleBarSeries { YAxisKey = SoakChartAxes.Counts, FillColor = Red, StrokeThickness = 0 };
            foreach (var (at, count) in chart.Points.Select(p => (SoakChartAxes.X(p.At), p.Violations.FirstOrDefault(v => v.Key == name).Value)))
            {
                if (count > 0)
                    bars.Items.Add(new(at - half, bottom, at + half, bottom + (count / most * 0.45)));
            }

            model.Series.Add(bars);
            var ground = new LineSeries { YAxisKey = SoakChartAxes.Counts, Color = SoakChartAxes.Grid, StrokeThickness = 1 };
            ground.Points.Add(new(SoakChartAxes.X(chart.Start), bottom));
            ground.Points.Add(new(SoakChartAxes.X(chart.End), bottom));
            model.Series.Add(ground);
            model.Annotations.Add(new TextAnnotation
            {
                Text = FormattableString.Invariant($"{name}: up to {most:0}"),
                TextPosition = new(SoakChartAxes.X(chart.Start), bottom + 0.5),
                YAxisKey = SoakChartAxes.Counts,
                StrokeThickness = 0,
                TextColor = Red,
                TextHorizontalAlignment = HorizontalAlignment.Left,
                TextVerticalAlignment = VerticalAlignment.Bottom,
            });
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
