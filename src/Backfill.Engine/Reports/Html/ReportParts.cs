using System.Globalization;

namespace Backfill.Engine.Reports.Html;

/// <summary>What the report's sections are made of.</summary>
internal static class ReportParts
{
    /// <summary>A list of more lines is read elsewhere.</summary>
    public const int MostLines = 500;

    /// <summary>Opens a section; its heading names it.</summary>
    public static HtmlWriter Section(this HtmlWriter html, string id, string title) =>
        html.Write($"<section id=\"{id}\" aria-labelledby=\"{id}-title\">").Write($"<h2 id=\"{id}-title\">{title}</h2>");

    public static HtmlWriter EndSection(this HtmlWriter html) => html.Write($"</section>");

    /// <summary>
    /// Opens a table in a region of its own, which scrolls where the screen is narrow, by keyboard, too. A column of figures is
    /// named with a <c>&gt;</c> before it: they stand to the right.
    /// </summary>
    public static HtmlWriter Table(this HtmlWriter html, string id, string caption, params ReadOnlySpan<string> columns)
    {
        html.Write($"<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-labelledby=\"{id}-caption\">")
            .Write($"<table id=\"{id}\"><caption id=\"{id}-caption\">{caption}</caption><thead><tr>");
        foreach (var column in columns)
        {
            if (column.StartsWith('>'))
                html.Write($"<th scope=\"col\" class=\"n\">{column[1..]}</th>");
            else
                html.Write($"<th scope=\"col\">{column}</th>");
        }

        return html.Write($"</tr></thead><tbody>");
    }

    public static HtmlWriter EndTable(this HtmlWriter html) => html.Write($"</tbody></table></div>");

    /// <summary>A figure, named as <c>execution_results.json</c> names it.</summary>
    public static HtmlWriter Figure(this HtmlWriter html, string name, long? value) => value is { } known
        ? html.Write($"<td class=\"n\" data-figure=\"{name}\">{known:#,0}</td>")
        : html.Write($"<td class=\"n\" data-figure=\"{name}\">–</td>");

    /// <summary>An outcome, with its mark: nothing is told by colour alone.</summary>
    public static HtmlWriter Outcome(this HtmlWriter html, BackfillOutcome outcome) =>
        html.Write($"<span class=\"outcome {ClassOf(outcome)}\"><span aria-hidden=\"true\">{MarkOf(outcome)}</span> {outcome}</span>");

    public static string ClassOf(BackfillOutcome outcome) => outcome switch
    {
        BackfillOutcome.Succeeded => "succeeded",
        BackfillOutcome.NoEffect => "noeffect",
        BackfillOutcome.Failed => "failed",
        BackfillOutcome.Skipped => "skipped",
        _ => "unknown",
    };

    public static string Met(bool? met) => met switch { true => "✓ yes", false => "✗ no", null => "? not measured" };

    public static string MetClass(bool? met) => met switch { true => "good", false => "bad", null => "open" };

    public static string Span(TimeSpan? span) => span is { } known
        ? known < TimeSpan.FromMinutes(1)
            ? string.Create(CultureInfo.InvariantCulture, $"{known.TotalSeconds:0.0} s")
            : string.Create(CultureInfo.InvariantCulture, $"{(long)known.TotalHours:00}:{known.Minutes:00}:{known.Seconds:00}")
        : "–";

    /// <summary>How many of a list are shown, where not all are.</summary>
    public static HtmlWriter Rest(this HtmlWriter html, int shown, int all, string what, string command) => shown < all
        ? html.Write($"<p class=\"note\">{shown:#,0} of {all:#,0} {what} are shown. All of them: <code>{command}</code></p>")
        : html;

    private static string MarkOf(BackfillOutcome outcome) => outcome switch
    {
        BackfillOutcome.Succeeded => "✓",
        BackfillOutcome.NoEffect => "∅",
        BackfillOutcome.Failed => "✗",
        BackfillOutcome.Skipped => "→",
        _ => "?",
    };
}
