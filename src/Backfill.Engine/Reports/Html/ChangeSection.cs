using Backfill.Engine.Reports.Apply;

namespace Backfill.Engine.Reports.Html;

/// <summary>What the plan expected, against what the images show.</summary>
internal static class ChangeSection
{
    public static void Write(HtmlWriter html, ReportContent content)
    {
        var tables = content.Verification.Tables;
        html.Section("changes", "Expected against actual changes");
        if (tables.Count == 0)
            html.Write($"<p>{(content.Plan is null ? "The plan can't be read by this version of the module." : "The plan expects no figures.")}</p>");
        else
            WriteTable(html, tables);
        WriteActual(html, content);
        html.EndSection();
    }

    private static void WriteTable(HtmlWriter html, IReadOnlyList<TableVerification> tables)
    {
        html.Table(
            "change-table", "Rows by expectation", "Table", "Of", ">New: expected", ">New: actual", ">Updated: expected", ">Updated: actual", ">Deleted: expected", ">Deleted: actual", "Met");
        for (var i = 0; i < tables.Count; i++)
        {
            var (t, name) = (tables[i], FormattableString.Invariant($"verification/tables/{i}"));
            html.Write($"<tr><th scope=\"row\"><span data-figure=\"{name}/table\">{new Foreign(t.Expected.Table)}</span></th><td>{new Foreign(string.Join(", ", t.Expected.Match))}</td>")
                .Figure($"{name}/new_rows/expected", t.Expected.NewRows)
                .Figure($"{name}/new_rows/actual", t.NewRows)
                .Figure($"{name}/updated_rows/expected", t.Expected.UpdatedRows)
                .Figure($"{name}/updated_rows/actual", t.UpdatedRows)
                .Figure($"{name}/deleted_rows/expected", t.Expected.DeletedRows)
                .Figure($"{name}/deleted_rows/actual", t.DeletedRows)
                .Write($"<td class=\"{ReportParts.MetClass(t.Met)}\">{ReportParts.Met(t.Met)}</td></tr>");
        }

        html.EndTable().Write($"<p class=\"note\">A dash: the plan says nothing of it, and it is not compared.</p>");
    }

    /// <summary>What nobody expected shows, too.</summary>
    private static void WriteActual(HtmlWriter html, ReportContent content)
    {
        var changes = content.Facts.Apply.Changes.Where(c => c.NewRows + c.UpdatedRows + c.DeletedRows > 0)
            .Select(c => (c.Table, Of: string.Join(", ", c.Values.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => $"{v.Key}={v.Value}")), Change: c))
            .OrderBy(c => c.Table, StringComparer.Ordinal).ThenBy(c => c.Of, StringComparer.Ordinal).ToList();
        html.Table("actual-table", "All rows that were written, over the plan's runs up to this one", "Table", "Of", ">New", ">Updated", ">Deleted");
        foreach (var (table, of, change) in changes.Take(ReportParts.MostLines))
        {
            html.Write($"<tr><th scope=\"row\">{new Foreign(table)}</th><td>{new Foreign(of)}</td>")
                .Write($"<td class=\"n\">{change.NewRows:#,0}</td><td class=\"n\">{change.UpdatedRows:#,0}</td><td class=\"n\">{change.DeletedRows:#,0}</td></tr>");
        }

        if (changes.Count == 0)
            html.Write($"<tr><td colspan=\"5\">None.</td></tr>");
        html.EndTable();
        if (changes.Count > ReportParts.MostLines)
            html.Write($"<p class=\"note\">{ReportParts.MostLines} of {changes.Count:#,0} lines are shown.</p>");
    }
}
