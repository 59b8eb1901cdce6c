namespace Backfill.Engine.Reports;

/// <summary>Draws charts for reports. Implemented where a plotting library may be used.</summary>
public interface IChartWriter
{
    /// <summary>Draws a soak: conversion with its interval against the baseline, and what should not be below.</summary>
    /// <param name="chart">What it shows.</param>
    /// <returns>An SVG document; the same for the same chart, in any culture and time zone.</returns>
    string Draw(SoakChart chart);
}

/// <summary>What the chart of a soak shows.</summary>
/// <param name="Title">Its title.</param>
/// <param name="Start">The window's start.</param>
/// <param name="End">The window's end.</param>
/// <param name="Baseline">The conversion to reach, from 0 to 1.</param>
/// <param name="Points">A point a sample, in order; samples that were not taken are left out.</param>
public sealed record SoakChart(
    string Title, DateTimeOffset Start, DateTimeOffset End, double Baseline, IReadOnlyList<SoakPoint> Points)
{
    /// <summary>Whether its times are those of a sandbox's own clock, which may run faster.</summary>
    public bool IsSandboxClock { get; init; }

    /// <summary>Whether it is for a narrow screen.</summary>
    public bool IsNarrow { get; init; }

    /// <summary>What was found in any sample, and the most of it, in the samples' order of kinds.</summary>
    public IReadOnlyList<(string Name, double Most)> Found =>
        [.. Points.SelectMany(p => p.Violations).GroupBy(v => v.Key, StringComparer.Ordinal).Select(g => (g.Key, g.Max(v => v.Value))).Where(f => f.Item2 > 0)];
}

/// <summary>One sample in a chart.</summary>
/// <param name="At">When it was taken.</param>
/// <param name="Rate">Conversion, from 0 to 1; null without data.</param>
/// <param name="Lower">The lower end of its interval.</param>
/// <param name="Upper">The upper end of its interval.</param>
/// <param name="Violations">What should be 0, by name.</param>
public sealed record SoakPoint(
    DateTimeOffset At, double? Rate, double? Lower, double? Upper, IReadOnlyList<KeyValuePair<string, double>> Violations);
