using System.Text.Json;
using Backfill.Engine.Ledger;

namespace Backfill.Engine.Reports.Apply;

/// <summary><c>backfill_logs/execution_results.json</c>: the run in figures.</summary>
internal sealed class ExecutionResults(
    IRunReader reader,
    BackfillPlan plan,
    BackfillRun run,
    IReadOnlyList<BatchFigures> batches,
    ChangeVerification verification,
    IReadOnlyList<BackfillGate> gates)
{
    public async Task WriteAsync(Stream stream, CancellationToken cancellationToken)
    {
        await using var json = ReportJson.Writer(stream);
        json.WriteStartObject();
        json.WriteString("run_id", run.RunId);
        json.WriteString("state", run.State.ToString());
        json.WriteString("cause", run.Cause?.ToString());
        json.WriteString("name", run.Name);
        json.WriteString("ticket", run.Ticket);
        json.Time("execution_start", run.StartedAt);
        json.Time("execution_end", run.FinishedAt);
        if (run.FinishedAt - run.StartedAt is { } runtime)
            json.WriteNumber("runtime_minutes", Math.Round(runtime.TotalMinutes, 3));
        else
            json.WriteNull("runtime_minutes");
        json.WriteString("plan_version", run.PlanVersion);
        json.WriteString("plan_sha256", run.PlanHash);
        json.WriteString("environment", ReportJson.Text(run.Environment));
        json.WriteNumber("total_sessions", run.Total);
        json.WriteNumber("successful_sessions", run.Succeeded);
        json.WriteNumber("failed_sessions", run.Failed);
        json.WriteNumber("no_effect_sessions", run.NoEffect);
        json.WriteNumber("skipped_sessions", run.Skipped);
        json.WriteNumber("never_called_sessions", run.NeverCalled);
        json.WriteNumber("unknown_sessions", run.Unknown);
        json.WriteNumber("remaining_sessions", run.Remaining);
        json.WriteNumber("throttle_per_minute", run.ThrottlePerMinute);
        json.Number("peak_per_minute", run.PeakPerMinute);
        WriteBatches(json);
        await WriteErrorsAsync(json, cancellationToken).ConfigureAwait(false);
        WriteVerification(json);
        GateSection.Write(json, gates);
        json.WriteEndObject();
    }

    private void WriteBatches(Utf8JsonWriter json)
    {
        json.WriteStartArray("batch_results");
        foreach (var batch in batches)
        {
            json.WriteStartObject();
            json.WriteString("batch_id", batch.BatchId);
            json.WriteString("description", plan.Batches.First(b => b.BatchId == batch.BatchId).Description);
            json.Time("started_at", batch.StartedAt);
            json.Time("completed_at", batch.CompletedAt);
            json.WriteNumber("total_sessions", batch.Total);
            json.WriteNumber("successful_sessions", batch.Succeeded);
            json.WriteNumber("failed_sessions", batch.Failed);
            json.WriteNumber("no_effect_sessions", batch.NoEffect);
            json.WriteNumber("skipped_sessions", batch.Skipped);
            json.WriteNumber("never_called_sessions", batch.NeverCalled);
            json.WriteNumber("unknown_sessions", batch.Unknown);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private async Task WriteErrorsAsync(Utf8JsonWriter json, CancellationToken cancellationToken)
    {
        json.WriteStartArray("errors");
        await foreach (var result in reader.ReadErrorsAsync(run.RunId, cancellationToken).ConfigureAwait(false))
        {
            SessionError.Write(json, result);
            await json.FlushIfLargeAsync(cancellationToken).ConfigureAwait(false);
        }

        json.WriteEndArray();
    }

    private void WriteVerification(Utf8JsonWriter json)
    {
        json.WriteStartObject("verification");
        json.WriteBoolean("met", verification.Met);
        json.WriteStartArray("tables");
        foreach (var table in verification.Tables)
        {
            json.WriteStartObject();
            json.WriteString("table", table.Expected.Table);
            json.WriteStartObject("match");
            foreach (var column in table.Expected.Match)
                json.WriteString(column.Column, column.Value);
            json.WriteEndObject();
            WriteFigure(json, "new_rows", table.Expected.NewRows, table.NewRows);
            WriteFigure(json, "updated_rows", table.Expected.UpdatedRows, table.UpdatedRows);
            WriteFigure(json, "deleted_rows", table.Expected.DeletedRows, table.DeletedRows);
            json.WriteBoolean("met", table.Met);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteFigure(Utf8JsonWriter json, string name, int? expected, int actual)
    {
        json.WriteStartObject(name);
        json.Number("expected", expected);
        json.WriteNumber("actual", actual);
        json.WriteEndObject();
    }
}
