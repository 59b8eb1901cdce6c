namespace Backfill.Engine.Reports.Html;

/// <summary>How the run went over time: pace, waiting, and what became of the sessions.</summary>
internal static class TimelineSection
{
    public static void Write(HtmlWriter html, ReportContent content)
    {
        html.Section("timeline", "Timeline");
        WritePace(html, content.Run);
        if (content.Scale is { } scale)
        {
            TimelineChart.Write(html, content, scale);
            WriteLegend(html);
            WriteParts(html, content.Timeline, scale);
        }
        else
        {
            html.Write($"<p>The run has not started.</p>");
        }

        WriteWorkers(html, content);
        html.EndSection();
    }

    private static void WritePace(HtmlWriter html, BackfillRun run)
    {
        html.Table("pace-table", "Pace, in session attempts a minute, and waiting", ">Limit now", ">Achieved", ">Most in any minute", ">Waited, all workers together", "Waits for")
            .Write($"<tr>")
            .Figure("throttle_per_minute", run.ThrottlePerMinute);
        if (run.AchievedPerMinute is { } achieved)
            html.Write($"<td class=\"n\">{achieved:#,0.0}</td>");
        else
            html.Write($"<td class=\"n\">–</td>");
        html.Figure("peak_per_minute", run.PeakPerMinute)
            .Write($"<td class=\"n\">{ReportParts.Span(run.WaitedFor)}</td><td>{new Foreign(run.WaitingFor)}</td></tr>")
            .EndTable();
    }

    private static void WriteLegend(HtmlWriter html)
    {
        html.Write($"<ul class=\"legend\" aria-label=\"Legend\">")
            .Write($"<li><span class=\"swatch start\"></span> Starts</li><li><span class=\"swatch limit\"></span> Limit</li><li><span class=\"swatch held\"></span> Paused or halted</li>");
        foreach (var outcome in Enum.GetValues<BackfillOutcome>())
            html.Write($"<li><span class=\"swatch {ReportParts.ClassOf(outcome)}\"></span> {outcome}</li>");
        html.Write($"</ul>");
    }

    private static void WriteParts(HtmlWriter html, IReadOnlyList<TimelinePart> parts, TimelineScale scale)
    {
        html.Write($"<details><summary>The timeline in figures</summary>")
            .Table(
                "timeline-table",
                $"Parts of {ReportParts.Span(scale.Width)} in which anything happened",
                "From", ">Starts", ">Settled", ">Succeeded", ">NoEffect", ">Failed", ">Skipped", ">Unknown");
        foreach (var p in parts)
        {
            html.Write($"<tr><th scope=\"row\">{scale.Start + (scale.Width * p.Number)}</th><td class=\"n\">{p.Starts:#,0}</td><td class=\"n\">{p.Settled:#,0}</td><td class=\"n\">{p.Succeeded:#,0}</td>")
                .Write($"<td class=\"n\">{p.NoEffect:#,0}</td><td class=\"n\">{p.Failed:#,0}</td><td class=\"n\">{p.Skipped:#,0}</td><td class=\"n\">{p.Unknown:#,0}</td></tr>");
        }

        html.EndTable().Write($"</details>");
    }

    private static void WriteWorkers(HtmlWriter html, ReportContent content)
    {
        var workers = content.Workers;
        if (workers.Count == 0)
            return;
        html.Table("worker-table", "Workers, and how long they waited: for a slot, for the platform, paused", "Who", ">Process", "From", "To", ">Waited", "Waits for");
        // The newest are those that matter.
        foreach (var w in workers.TakeLast(ReportParts.MostLines))
        {
            html.Write($"<tr><th scope=\"row\">{new Foreign(w.Who)}</th><td class=\"n\">{w.ProcessId}</td><td>{w.StartedAt}</td><td>{w.EndedAt ?? w.SeenAt}{(w.EndedAt is null ? ", seen last" : "")}</td>")
                .Write($"<td class=\"n\">{ReportParts.Span(w.WaitedFor)}</td><td>{new Foreign(w.EndedAt is null ? w.WaitingFor : null)}</td></tr>");
        }

        html.EndTable()
            .Rest(Math.Min(workers.Count, ReportParts.MostLines), workers.Count, "workers", $"select * from backfill.worker where run_id = '{content.RunId}'");
    }
}
