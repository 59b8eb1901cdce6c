using Backfill.Engine.Gates;

namespace Backfill.Engine.Reports.Html;

/// <summary>What was undone, and whether the rest could be.</summary>
internal static class RollbackSection
{
    public static void Write(HtmlWriter html, ReportContent content)
    {
        var (lines, figures, rows) = (content.Rollbacks, content.Facts.Apply, content.Facts.Rows);
        html.Section("rollback", "Rollback")
            .Write($"<p>{figures.RolledBack:#,0} of {figures.Total:#,0} sessions were rolled back. {Images(figures.WithoutImages)} {Conflicts(rows)}{new Foreign(rows?.Problem ?? "")}</p>");
        if (lines.Count > 0)
            WriteLines(html, lines, content.RunId);
        if (content.Run.State == BackfillRunState.RolledBack)
            html.Write($"<p>Nothing of the run is left to undo.</p>");
        else
            html.Write($"<p>What it would do now, row by row: <code>Invoke-BackfillRollback -RunId {content.RunId} -WhatIf</code>. To undo it: the same without <code>-WhatIf</code>, with a <code>-Reason</code>.</p>");
        html.EndSection();
    }

    private static string Images(int without) => without == 0
        ? "There is an image of every changed row."
        : FormattableString.Invariant($"Images of changed rows are not complete: {without:#,0} sessions.");

    private static string Conflicts(ComparedRows? rows) => rows switch
    {
        null => "Its rows are compared with their images once it has ended.",
        { Problem: not null } => "Its rows can't be compared with their images: ",
        { InConflict: 0 } => "No row is in conflict.",
        _ => FormattableString.Invariant($"Rows in conflict: {rows.InConflict:#,0}. They would stay as they are."),
    };

    private static void WriteLines(HtmlWriter html, IReadOnlyList<RollbackLine> lines, Guid runId)
    {
        html.Table("rollback-table", "Rollbacks, a line a table", "When", "Table", ">Deleted", ">Restored", ">Reinserted", ">Conflicts", "Verified", "Sessions", "Who", "Why");
        foreach (var l in lines.TakeLast(ReportParts.MostLines))
        {
            html.Write($"<tr><td>{l.At}</td><th scope=\"row\">{new Foreign(l.Table ?? "(none)")}</th><td class=\"n\">{l.Deleted:#,0}</td><td class=\"n\">{l.Restored:#,0}</td><td class=\"n\">{l.Reinserted:#,0}</td><td class=\"n\">{l.Conflicts:#,0}</td>")
                .Write($"<td class=\"{ReportParts.MetClass(l.Verified)}\">{ReportParts.Met(l.Verified)}</td><td>{(l.WholeRun ? "all, " : "")}{l.Sessions:#,0}</td><td>{new Foreign(l.Who)}{(l.ByScript ? ", by script" : "")}</td><td class=\"why\">{new Foreign(l.Reason)}</td></tr>");
        }

        html.EndTable()
            .Rest(Math.Min(lines.Count, ReportParts.MostLines), lines.Count, "lines", $"select * from backfill.rollback where run_id = '{runId}' order by at");
    }
}
