using Backfill.Engine.Ledger;

namespace Backfill.Engine.Reports.Html;

/// <summary>Outcomes of each batch, in figures and as a bar.</summary>
internal static class BatchSection
{
    private static readonly (BackfillOutcome Outcome, Func<BatchFigures, int> Count)[] Shares =
    [
        (BackfillOutcome.Succeeded, b => b.Succeeded), (BackfillOutcome.NoEffect, b => b.NoEffect), (BackfillOutcome.Failed, b => b.Failed),
        (BackfillOutcome.Skipped, b => b.Skipped), (BackfillOutcome.Unknown, b => b.Unknown),
    ];

    public static void Write(HtmlWriter html, ReportContent content)
    {
        var batches = content.Batches;
        var descriptions =
            (content.Plan?.Batches ?? ItemList.Of<PlanBatch>()).ToDictionary(b => b.BatchId, b => b.Description, StringComparer.Ordinal);
        html.Section("batches", "Outcomes by batch")
            .Table("batch-table", "Batches, in the plan's order", "Batch", "Outcomes", ">Sessions", ">Succeeded", ">NoEffect", ">Failed", ">Skipped", ">NeverCalled", ">Unknown", "Started", "Completed");
        var shown = Math.Min(batches.Count, ReportParts.MostLines);
        for (var i = 0; i < shown; i++)
            Write(html, batches[i], descriptions.GetValueOrDefault(batches[i].BatchId), FormattableString.Invariant($"batch_results/{i}"));
        html.EndTable()
            .Rest(shown, batches.Count, "batches", $"Get-BackfillSessionResult {content.RunId} | Group-Object BatchId, Outcome -NoElement")
            .EndSection();
    }

    private static void Write(HtmlWriter html, BatchFigures batch, string? description, string name)
    {
        html.Write($"<tr><th scope=\"row\"><span data-figure=\"{name}/batch_id\">{new Foreign(batch.BatchId)}</span><br><small data-figure=\"{name}/description\">{new Foreign(description ?? "")}</small></th><td>");
        WriteBar(html, batch);
        html.Write($"</td>")
            .Figure($"{name}/total_sessions", batch.Total)
            .Figure($"{name}/successful_sessions", batch.Succeeded)
            .Figure($"{name}/no_effect_sessions", batch.NoEffect)
            .Figure($"{name}/failed_sessions", batch.Failed)
            .Figure($"{name}/skipped_sessions", batch.Skipped)
            .Figure($"{name}/never_called_sessions", batch.NeverCalled)
            .Figure($"{name}/unknown_sessions", batch.Unknown)
            .Write($"<td data-figure=\"{name}/started_at\">{batch.StartedAt}</td><td data-figure=\"{name}/completed_at\">{batch.CompletedAt}</td></tr>");
    }

    /// <summary>The figures beside it say the same.</summary>
    private static void WriteBar(HtmlWriter html, BatchFigures batch)
    {
        html.Write($"<svg class=\"bar\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"left\" width=\"100\" height=\"10\"/>");
        var x = 0.0;
        foreach (var (outcome, count) in Shares)
        {
            var width = 100.0 * count(batch) / Math.Max(batch.Total, 1);
            if (width > 0)
                html.Write($"<rect class=\"{ReportParts.ClassOf(outcome)}\" x=\"{x:0.###}\" width=\"{width:0.###}\" height=\"10\"/>");
            x += width;
        }

        html.Write($"</svg>");
    }
}
