using Backfill.Engine.Gates;

namespace Backfill.Engine.Reports.Html;

/// <summary>Who decided and ordered what, when and why: the chain of decisions, and the run's order book.</summary>
internal static class DecisionSection
{
    public static void Write(HtmlWriter html, ReportContent content)
    {
        html.Section("decisions", "Decisions");
        WriteChain(html, content);
        WriteEvents(html, content);
        html.EndSection();
    }

    private static void WriteChain(HtmlWriter html, ReportContent content)
    {
        var (facts, entries) = (content.Facts, content.Facts.Entries);
        if (GateChain.FindBreak(entries, facts.Count, facts.Head) is { } broken)
            html.Write($"<p class=\"verdict bad\" role=\"alert\"><span aria-hidden=\"true\">✗</span> <strong>The decisions are not as they were written:</strong> <span data-figure=\"gates/chain_break\">{new Foreign(broken)}</span>. Nothing is decided or started on them.</p>");
        else if (entries.Count > 0)
            html.Write($"<p class=\"good\"><span aria-hidden=\"true\">✓</span> The chain of decisions is whole: each holds the hash of the one before.</p>");
        html.Table("decision-table", "Decisions on gates and their uses, in order", ">#", "When", "Gate", "Action", "Who", "Why", "Until", "Used for", "SHA-256");
        foreach (var e in entries.TakeLast(ReportParts.MostLines))
        {
            html.Write($"<tr><td class=\"n\">{e.Sequence}</td><td>{e.At}</td><th scope=\"row\">{e.Gate}</th><td>{e.Action}{(e.Overridden ? ", with -Override" : "")}</td><td>{new Foreign(e.Who)}</td>")
                .Write($"<td class=\"why\">{new Foreign(e.Reason)}</td><td>{e.ExpiresAt}</td><td>{new Foreign(e.UsedFor)}</td><td><code class=\"hash\">{new Foreign(e.Hash)}</code></td></tr>");
        }

        if (entries.Count == 0)
            html.Write($"<tr><td colspan=\"9\">Nobody has decided anything yet.</td></tr>");
        html.EndTable()
            .Rest(Math.Min(entries.Count, ReportParts.MostLines), entries.Count, "decisions", Query("gate", "sequence", content.RunId))
            .Write($"<p class=\"hash\">Decisions and uses of the run when this was written: <span data-figure=\"gates/chain_count\">{facts.Count}</span>; the newest has SHA-256 <code data-figure=\"gates/chain_head\">{facts.Head ?? "–"}</code></p>");
    }

    private static void WriteEvents(HtmlWriter html, ReportContent content)
    {
        var events = content.Events;
        html.Table("event-table", "Orders and changes of state", "When", "What", "State then", "Who", "Why", ">A minute", ">At once");
        foreach (var e in events.TakeLast(ReportParts.MostLines))
        {
            html.Write($"<tr><td>{e.At}</td><th scope=\"row\">{new Foreign(e.Event)}</th><td>{e.State}</td><td>{new Foreign(e.Who)}</td><td class=\"why\">{new Foreign(e.Reason)}</td>")
                .Write($"<td class=\"n\">{e.ThrottlePerMinute:#,0}</td><td class=\"n\">{e.ConcurrencyLimit:#,0}</td></tr>");
        }

        if (events.Count == 0)
            html.Write($"<tr><td colspan=\"7\">None.</td></tr>");
        html.EndTable()
            .Rest(Math.Min(events.Count, ReportParts.MostLines), events.Count, "orders", Query("run_event", "event_id", content.RunId));
    }

    private static string Query(string table, string order, Guid runId) =>
        $"select * from backfill.{table} where run_id = '{runId}' order by {order}";
}
