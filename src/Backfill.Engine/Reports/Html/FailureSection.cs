using System.Globalization;
using Backfill.Engine.Reports.Apply;

namespace Backfill.Engine.Reports.Html;

/// <summary>What did not succeed, by category; and the sessions, to sort and filter.</summary>
internal sealed class FailureSection(IReportReader reader, ReportContent content)
{
    /// <summary>More lines than these are read in PowerShell.</summary>
    public const int MostSessions = 2_000;

    /// <summary>So much of a message stands in its line.</summary>
    private const int ShownOfMessage = 160;

    /// <summary>Up to here, longer messages are kept whole beside it.</summary>
    private const int WholeMessagesUpTo = 1_500_000;

    /// <summary>Where the file ends its list: it is to stay under 5 MB.</summary>
    private const int LongestFile = 4_000_000;

    public async Task WriteAsync(HtmlWriter html, CancellationToken cancellationToken)
    {
        html.Section("failures", "Failures by category");
        WriteCategories(html);
        await WriteSessionsAsync(html, cancellationToken).ConfigureAwait(false);
        html.EndSection();
    }

    private void WriteCategories(HtmlWriter html)
    {
        var errors = content.Outcomes
            .Where(o => o.Outcome is not (BackfillOutcome.Succeeded or BackfillOutcome.Skipped))
            .OrderByDescending(o => o.Sessions).ThenBy(o => o.Outcome).ThenBy(o => o.Category).ToList();
        if (errors.Count == 0)
        {
            html.Write($"<p>None: every session that was called succeeded.</p>");
            return;
        }

        html.Table(
            "category-table", "Sessions that did not succeed", "Outcome", "Category", ">Sessions", ">Share of the run", "What to do");
        foreach (var e in errors)
        {
            html.Write($"<tr data-outcome=\"{e.Outcome}\" data-category=\"{e.Category?.ToString() ?? ""}\"><th scope=\"row\">").Outcome(e.Outcome)
                .Write($"</th><td>{e.Category?.ToString() ?? "–"}</td><td class=\"n\">{e.Sessions:#,0}</td><td class=\"n\">{Share(e.Sessions)}</td><td>{Remedies.Of(e.Category)}</td></tr>");
        }

        html.EndTable();
    }

    private string Share(int sessions) =>
        string.Create(CultureInfo.InvariantCulture, $"{100.0 * sessions / Math.Max(content.Run.Total, 1):0.##} %");

    private async Task WriteSessionsAsync(HtmlWriter html, CancellationToken cancellationToken)
    {
        var settled = content.Run.Total - content.Run.Remaining;
        html.Write($"<h3 id=\"sessions-title\">Sessions</h3>")
            // Of no use without the script, which shows it.
            .Write($"<div class=\"filter\" role=\"search\" aria-labelledby=\"sessions-title\" data-filter=\"sessions\" hidden>")
            .Write(
                $"<p><label for=\"by-text\">Text</label> <input id=\"by-text\" type=\"search\" data-by=\"text\" autocomplete=\"off\"></p>")
            .Write($"<p><label for=\"by-outcome\">Outcome</label> <select id=\"by-outcome\" data-by=\"outcome\"><option value=\"\">all</option></select></p>")
            .Write($"<p><label for=\"by-category\">Category</label> <select id=\"by-category\" data-by=\"category\"><option value=\"\">all</option></select></p>")
            .Write($"<p><label for=\"by-batch\">Batch</label> <select id=\"by-batch\" data-by=\"batch\"><option value=\"\">all</option></select></p>")
            .Write($"<span role=\"status\"></span></div>")
            .Table("sessions", "Settled sessions; those that did not succeed first where not all are shown", ">#", "Session", "Batch", "Outcome", "Category", "Why", ">Calls", "Started", ">ms", ">Rows");
        var (shown, errors, isFull) = (0, 0, false);
        await foreach (var session in reader.ReadSomeSessionsAsync(content.RunId, MostSessions, cancellationToken).ConfigureAwait(false))
        {
            if (isFull = html.Length > LongestFile)
                break;
            Write(html, session);
            shown++;
            errors += SessionError.Is(session) ? 1 : 0;
            await html.FlushIfLargeAsync(cancellationToken).ConfigureAwait(false);
        }

        if (shown == 0)
            html.Write($"<tr><td colspan=\"10\">None is settled.</td></tr>");
        html.EndTable()
            .Rest(errors, content.Errors, "sessions that did not succeed", $"Get-BackfillSessionResult {content.RunId} -Outcome Failed, NoEffect, Unknown")
            .Rest(shown, settled, "settled sessions", $"Get-BackfillSessionResult {content.RunId}");
        if (isFull)
            html.Write($"<p class=\"note\">The list ends where the page would grow too large.</p>");
        if (content.Run.Remaining > 0)
            html.Write($"<p class=\"note\">{content.Run.Remaining:#,0} sessions are not settled, and not in this list.</p>");
    }

    private static void Write(HtmlWriter html, BackfillSessionResult s)
    {
        html.Write($"<tr data-outcome=\"{s.Outcome}\" data-category=\"{s.Category?.ToString() ?? ""}\" data-batch=\"{s.BatchId}\">")
            .Write(
                $"<td class=\"n\">{s.Ordinal}</td><th scope=\"row\"><code>{s.SessionId}</code></th><td>{new Foreign(s.BatchId)}</td><td>")
            .Outcome(s.Outcome)
            .Write($"</td><td>{s.Category?.ToString() ?? "–"}</td><td class=\"why\">");
        WriteMessage(html, s.Reason);
        html.Write($"</td><td class=\"n\">{s.Attempts}</td><td>{s.StartedAt}</td><td class=\"n\">{s.DurationMs?.ToString(CultureInfo.InvariantCulture) ?? "–"}</td>")
            .Write($"<td class=\"n\">{Rows(s)}{(s.RolledBackAt is null ? "" : " ↺")}</td></tr>");
    }

    private static void WriteMessage(HtmlWriter html, string? message)
    {
        if (message is null || message.Length <= ShownOfMessage)
        {
            html.Write($"{new Foreign(message)}");
            return;
        }

        html.Write($"{new Foreign(Head(message))}…");
        if (html.Length < WholeMessagesUpTo && message.Length <= HtmlWriter.LongestText)
            html.Write($"<details><summary>All {message.Length:#,0} characters</summary>{new Foreign(message)}</details>");
        else
            html.Write($"<small>(cut after {ShownOfMessage} of {message.Length:#,0} characters; <code>Get-BackfillSessionResult</code> has all)</small>");
    }

    /// <summary>Never half of a pair.</summary>
    private static string Head(string text) =>
        text[..(char.IsHighSurrogate(text[ShownOfMessage - 1]) ? ShownOfMessage - 1 : ShownOfMessage)];

    private static string Rows(BackfillSessionResult s)
    {
        var changes = new[] { ('+', s.RowsInserted), ('~', s.RowsUpdated), ('-', s.RowsDeleted) }.Where(c => c.Item2 > 0);
        return string.Join(' ', changes.Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Item1}{c.Item2}")));
    }
}
