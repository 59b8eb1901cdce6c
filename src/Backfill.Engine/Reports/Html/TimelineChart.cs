using System.Globalization;

namespace Backfill.Engine.Reports.Html;

/// <summary>Starts a minute above, with their limit; what was settled below; over one axis of time.</summary>
internal static class TimelineChart
{
    private const double Width = 960;
    private const double Height = 336;
    private const double Left = 64;
    private const double Right = 944;
    private const int Labels = 6;

    /// <summary>A limit so far above all bars would leave nothing of them to be seen.</summary>
    private const double LimitInSight = 3;

    private static readonly double[] RoundTops = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];

    private static readonly Plot Pace = new(24, 144);
    private static readonly Plot Settled = new(172, 292);

    private static readonly (BackfillOutcome Outcome, Func<TimelinePart, int> Count)[] Stack =
    [
        (BackfillOutcome.Succeeded, p => p.Succeeded), (BackfillOutcome.Skipped, p => p.Skipped), (
            BackfillOutcome.NoEffect, p => p.NoEffect),
        (BackfillOutcome.Unknown, p => p.Unknown), (BackfillOutcome.Failed, p => p.Failed),
    ];

    public static void Write(HtmlWriter html, ReportContent content, TimelineScale scale)
    {
        var (parts, events) = (content.Timeline, content.Events);
        var minutes = scale.Width.TotalMinutes;
        var rate = parts.Select(p => p.Starts / minutes).Append(0).Max();
        var limits = Limits(events, content.Run.ThrottlePerMinute, scale);
        var limit = limits.Max(l => l.PerMinute);
        var isInSight = limit <= rate * LimitInSight;
        var (paceTop, settledTop) = (Round(isInSight ? Math.Max(rate, limit) : rate), Round(parts.Select(p => p.Settled).Append(0).Max()));
        var words = string.Create(
            CultureInfo.InvariantCulture,
            $"From {scale.Start.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z to {scale.End.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z in parts of {ReportParts.Span(scale.Width)}: up to {rate:#,0.#} starts a minute, limit {limit:#,0}; {parts.Sum(p => p.Settled):#,0} sessions settled. The table below has the same in figures.");
        html.Write($"<figure><div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Timeline, picture\">")
            .Write($"<svg class=\"chart\" viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-labelledby=\"timeline-words\">");
        WriteAxes(html, scale, paceTop, settledTop);
        foreach (var (from, to) in Held(events, scale))
            html.Write($"<rect class=\"held\" x=\"{from:0.##}\" y=\"{Pace.Top}\" width=\"{Math.Max(to - from, 1):0.##}\" height=\"{Settled.Bottom - Pace.Top}\"/>");
        foreach (var part in parts)
            WritePart(html, part, scale, minutes, paceTop, settledTop);
        if (isInSight)
            WriteLimit(html, limits, paceTop);
        html.Write($"</svg></div><figcaption id=\"timeline-words\">{words}{(isInSight ? "" : " The limit lies above the picture.")}</figcaption></figure>");
    }

    private static void WritePart(
        HtmlWriter html, TimelinePart part, TimelineScale scale, double minutes, double paceTop, double settledTop)
    {
        var step = (Right - Left) / scale.Parts;
        var (x, width) = (Left + (step * part.Number) + (step * 0.08), Math.Max(step * 0.84, 0.5));
        if (part.Starts > 0)
        {
            var height = Pace.HeightOf(part.Starts / minutes, paceTop);
            html.Write($"<rect class=\"start\" x=\"{x:0.##}\" y=\"{Pace.Bottom - height:0.##}\" width=\"{width:0.##}\" height=\"{height:0.##}\"/>");
        }

        var bottom = Settled.Bottom;
        foreach (var (outcome, count) in Stack)
        {
            if (count(part) == 0)
                continue;
            // One failure among thousands of successes must be seen.
            var height = Math.Max(Settled.HeightOf(count(part), settledTop), 1.5);
            bottom -= height;
            html.Write($"<rect class=\"{ReportParts.ClassOf(outcome)}\" x=\"{x:0.##}\" y=\"{bottom:0.##}\" width=\"{width:0.##}\" height=\"{height:0.##}\"/>");
        }
    }

    private static void WriteAxes(HtmlWriter html, TimelineScale scale, double paceTop, double settledTop)
    {
        html.Write($"<text class=\"axis\" x=\"{Left}\" y=\"{Pace.Top - 8}\">Starts a minute</text><text class=\"axis\" x=\"{Left}\" y=\"{Settled.Top - 8}\">Sessions settled, a part</text>");
        foreach (var (plot, top) in new[] { (Pace, paceTop), (Settled, settledTop) })
        {
            foreach (var share in new[] { 0, 0.5, 1 })
            {
                var y = plot.Bottom - plot.HeightOf(share, 1);
                html.Write($"<line class=\"grid\" x1=\"{Left}\" x2=\"{Right}\" y1=\"{y:0.##}\" y2=\"{y:0.##}\"/><text class=\"axis end\" x=\"{Left - 8}\" y=\"{y + 4:0.##}\">{top * share:#,0.##}</text>");
            }
        }

        var every = (int)Math.Ceiling((double)scale.Parts / Labels);
        var format =
            scale.Width < TimeSpan.FromMinutes(1) ? "HH:mm:ss" : scale.End - scale.Start < TimeSpan.FromDays(2) ? "HH:mm" : "MM-dd HH:mm";
        for (var part = 0; part < scale.Parts; part += every)
        {
            var x = Left + ((Right - Left) * part / scale.Parts);
            var time = (scale.Start + (scale.Width * part)).UtcDateTime.ToString(format, CultureInfo.InvariantCulture);
            // A narrow screen has room for every other label.
            var skipped = part / every % 2 == 1 ? "axis odd" : "axis";
            html.Write($"<line class=\"grid\" x1=\"{x:0.##}\" x2=\"{x:0.##}\" y1=\"{Settled.Bottom}\" y2=\"{Settled.Bottom + 5}\"/><text class=\"{skipped}\" x=\"{x:0.##}\" y=\"{Settled.Bottom + 20}\">{time}</text>");
        }

        html.Write($"<text class=\"axis foot\" x=\"{Left}\" y=\"{Settled.Bottom + 38}\">UTC, from {scale.Start.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)}</text>");
    }

    private static void WriteLimit(HtmlWriter html, List<(double X, int PerMinute)> limits, double top)
    {
        var points = limits.SelectMany((l, i) =>
        {
            var y = Pace.Bottom - Pace.HeightOf(l.PerMinute, top);
            var until = i + 1 < limits.Count ? limits[i + 1].X : Right;
            return new[] { (l.X, y), (until, y) };
        });
        html.Write($"<polyline class=\"limit\" points=\"{string.Join(' ', points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Item1:0.##},{p.y:0.##}")))}\"/>");
    }

    /// <summary>The limit from where on, as the events tell.</summary>
    private static List<(double X, int PerMinute)> Limits(IReadOnlyList<RunEvent> events, int now, TimelineScale scale)
    {
        var limits = new List<(double X, int PerMinute)> { (Left, events.Count > 0 ? events[0].ThrottlePerMinute : now) };
        foreach (var e in events)
        {
            if (e.ThrottlePerMinute != limits[^1].PerMinute)
                limits.Add((X(e.At, scale), e.ThrottlePerMinute));
        }

        return limits;
    }

    /// <summary>From where to where the run stood still.</summary>
    private static IEnumerable<(double From, double To)> Held(IReadOnlyList<RunEvent> events, TimelineScale scale)
    {
        DateTimeOffset? since = null;
        foreach (var e in events)
        {
            var isHeld = e.State is BackfillRunState.Suspended or BackfillRunState.Paused or BackfillRunState.Halted;
            if (isHeld)
                since ??= e.At;
            if (isHeld || since is not { } from)
                continue;
            yield return (X(from, scale), X(e.At, scale));
            since = null;
        }

        if (since is { } open && open < scale.End)
            yield return (X(open, scale), Right);
    }

    private static double X(DateTimeOffset at, TimelineScale scale) =>
        Left + ((Right - Left) * Math.Clamp((at - scale.Start) / (scale.End - scale.Start), 0, 1));

    /// <summary>The next number up that has a half.</summary>
    private static double Round(double value)
    {
        if (value <= 2)
            return 2;
        var unit = Math.Pow(10, Math.Floor(Math.Log10(value)));
        return RoundTops.Select(n => n * unit).First(n => n >= value);
    }

    private sealed record Plot(double Top, double Bottom)
    {
        public double HeightOf(double value, double top) => Math.Min(value / top, 1) * (Bottom - Top);
    }
}
