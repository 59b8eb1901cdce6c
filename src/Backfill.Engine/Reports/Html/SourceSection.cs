namespace Backfill.Engine.Reports.Html;

/// <summary>How each figure is had again.</summary>
internal static class SourceSection
{
    public static void Write(HtmlWriter html, ReportContent content)
    {
        var run = content.RunId;
        html.Section("sources", "How to reproduce each figure")
            .Write($"<p>Every figure is counted from the ledger, schema <code>backfill</code> of the target, as those of <code>backfill_logs/execution_results.json</code> are. Connected to the target (<code>Connect-Backfill</code>):</p>")
            .Table("source-table", "Commands", "Figures", "Command", "In execution_results.json");
        Line(html, "Sessions, state, window, pace, waiting", $"Get-BackfillRun {run} | Format-List", "total_sessions … remaining_sessions, state, execution_start, execution_end, runtime_minutes, peak_per_minute");
        Line(html, "Gates and their criteria", $"Get-BackfillGate -RunId {run} | ForEach-Object {{ $_; $_.Criteria }}", "gates.items");
        Line(html, "Timeline: settled by minute", $"Get-BackfillSessionResult {run} | Group-Object {{ ($_.StartedAt + $_.Duration).UtcDateTime.ToString('yyyy-MM-dd HH:mm') }}, Outcome -NoElement", "");
        Line(html, "Timeline: starts", $"select min(sent_at) from backfill.operation where run_id = '{run}' and sent_at is not null group by session_id, fence order by 1", "");
        Line(html, "Workers and their waiting", $"select operator, process_id, started_at, ended_at, waited_for from backfill.worker where run_id = '{run}'", "");
        Line(html, "Outcomes by batch", $"Get-BackfillSessionResult {run} | Group-Object BatchId, Outcome -NoElement", "batch_results");
        Line(html, "Failures by category", $"Get-BackfillSessionResult {run} -Outcome Failed, NoEffect, Unknown | Group-Object Outcome, Category -NoElement", "errors");
        Line(html, "Expected against actual changes", $"(Get-BackfillGate -RunId {run} -Name ApplyReview).Criteria | Where-Object Name -eq ExpectedChanges", "verification");
        Line(html, "Decisions", $"select sequence, at, gate, action, operator, database_role, approver, reason, sha256 from backfill.gate where run_id = '{run}' order by sequence", "gates.chain_count, gates.chain_head, gates.chain_break");
        Line(html, "Orders", $"select at, event, by_whom, reason from backfill.run_event where run_id = '{run}' order by event_id", "");
        Line(html, "Soak", $"Get-StagingSoak {run} | Format-List", "");
        Line(html, "Rollback", $"Invoke-BackfillRollback -RunId {run} -WhatIf; Get-BackfillSessionResult {run} | Where-Object RolledBackAt", "");
        Line(html, "execution_results.json itself", $"Invoke-BackfillApply -RunId {run} -OutputPath ./artifacts", "all");
        html.EndTable()
            .Write($"<p class=\"note\">The last one resumes a run that has not ended, and writes the artifacts of an ended run again.</p>")
            .EndSection();
    }

    private static void Line(HtmlWriter html, string figures, string command, string json) =>
        html.Write($"<tr><th scope=\"row\">{figures}</th><td><code>{command}</code></td><td>{(json.Length == 0 ? "–" : json)}</td></tr>");
}
