using Backfill.Engine.Soak;
using Backfill.Engine.Soak.Checks;

namespace Backfill.Engine.Reports.Html;

/// <summary>The run's newest soak: its verdict, its checks, its chart.</summary>
internal static class SoakSection
{
    public static void Write(HtmlWriter html, ReportContent content)
    {
        html.Section("soak", "Soak");
        if (content.Soak is { } soak)
            Write(html, content, soak);
        else
            html.Write(
                $"<p>None has begun. <code>Start-StagingSoak -RunId {content.RunId}</code> soaks, once ApplyReview is approved.</p>");
        html.EndSection();
    }

    private static void Write(HtmlWriter html, ReportContent content, SoakTicket soak)
    {
        var samples = content.Samples;
        if (soak.Ending is { } ending)
        {
            var (look, mark) =
                ending.Verdict switch { SoakVerdict.Pass => ("good", "✓"), SoakVerdict.Fail => ("bad", "✗"), _ => ("open", "?") };
            html.Write($"<p class=\"verdict {look}\"><span aria-hidden=\"true\">{mark}</span> <strong>{ending.Verdict}</strong>{(ending.Reason is null ? "" : ": ")}{new Foreign(ending.Reason ?? "")}</p>");
        }
        else
        {
            html.Write($"<p class=\"verdict open\"><span aria-hidden=\"true\">…</span> <strong>Its window is still open.</strong></p>");
        }

        if (content.SoakClockFactor is { } factor)
            html.Write($"<p class=\"note\">Times of the soak are by the sandbox's own clock, which ran {factor:0.##} times as fast as a real one. All other times on this page are real.</p>");
        html.Write($"<p>{soak.Window.Start} to {soak.Window.End}{(content.SoakClockFactor is null ? "" : " by the sandbox's clock")}, {samples.Count(s => s.CompletedSessions is not null):#,0} of {soak.Window.Samples:#,0} samples, against engine {new Foreign(soak.Settings.EngineVersion)} and FC {new Foreign(soak.Settings.FcVersion)}.</p>");
        WriteChecks(html, samples);
        WriteChart(html, content);
        WriteSamples(html, samples, content.RunId);
    }

    private static void WriteChecks(HtmlWriter html, IReadOnlyList<SoakSample> samples)
    {
        html.Table("check-table", "Checks at the last sample, over the whole window", "Check", "Status", "Expected", "Actual", ">Concerned", "What it means");
        foreach (var c in samples.Count == 0 ? [] : samples[^1].Checks.AsEnumerable())
        {
            var met = c.Status switch { SoakCheckStatus.Pass => true, SoakCheckStatus.Fail => false, _ => (bool?)null };
            var mark = met switch { true => "✓", false => "✗", null => "?" };
            html.Write($"<tr><th scope=\"row\">{new Foreign(c.Name)}</th><td class=\"{ReportParts.MetClass(met)}\">{mark} {c.Status}</td><td>{new Foreign(c.Expected)}</td>")
                .Write($"<td>{new Foreign(c.Actual)}</td><td class=\"n\">{Count(SeenCount.Of(c, samples[^1]))}</td><td class=\"why\">{new Foreign(c.Detail)}</td></tr>");
        }

        if (samples.Count == 0)
            html.Write($"<tr><td colspan=\"6\">No sample was taken.</td></tr>");
        html.EndTable();
    }

    private static void WriteChart(HtmlWriter html, ReportContent content)
    {
        html.Write($"<figure><div class=\"paper wide\">");
        html.WriteTrusted(content.SoakChart!);
        html.Write($"</div><div class=\"paper narrow\">");
        html.WriteTrusted(content.NarrowSoakChart!);
        html.Write($"</div><figcaption id=\"soak-chart\">Conversion with its 95 % interval against the baseline, and what should not be, over the window. The samples below have the same in figures.</figcaption></figure>");
    }

    private static void WriteSamples(HtmlWriter html, IReadOnlyList<SoakSample> samples, Guid runId)
    {
        html.Write($"<details><summary>The samples in figures</summary>")
            .Table(
                "sample-table", "Samples: figures of the window so far", ">#", "At", "Verdict", ">Completed", ">Converted", ">Rate", ">Interval", ">Overrides", ">Legacy FC", ">Tokens accepted", ">Wrong refused", ">Unscored");
        foreach (var s in samples.TakeLast(ReportParts.MostLines))
        {
            html.Write($"<tr><td class=\"n\">{s.Number}</td><th scope=\"row\">{s.At}</th><td>{s.Verdict}</td><td class=\"n\">{Count(s.CompletedSessions)}</td><td class=\"n\">{Count(s.ConvertedSessions)}</td>")
                .Write($"<td class=\"n\">{Percent(s.ConversionRate)}</td><td class=\"n\">{Percent(s.ConversionLowerBound)} to {Percent(s.ConversionUpperBound)}</td><td class=\"n\">{Count(s.VersionOverrides)}</td><td class=\"n\">{Count(s.LegacyFcScores)}</td>")
                .Write($"<td class=\"n\">{Count(s.TokensAccepted)} of {Count(s.TokensTested)}</td><td class=\"n\">{Count(s.WrongTokensRefused)} of {Count(s.TokensTested)}</td><td class=\"n\">{Count(s.UnscoredSessions)}</td></tr>");
        }

        html.EndTable()
            .Rest(Math.Min(samples.Count, ReportParts.MostLines), samples.Count, "samples, the newest,", $"Get-StagingSoak {runId}")
            .Write($"</details>");
    }

    /// <summary>What was not seen is never 0.</summary>
    private static string Count(long? count) => count?.ToString("#,0", System.Globalization.CultureInfo.InvariantCulture) ?? "–";

    private static string Percent(double? share) =>
        share is { } known ? (known * 100).ToString("0.0", System.Globalization.CultureInfo.InvariantCulture) + " %" : "–";
}
