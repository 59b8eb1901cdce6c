using System.Text.Json;
using Backfill.Engine.Ledger;

namespace Backfill.Engine.Reports.Apply;

/// <summary><c>backfill_logs/batch_&lt;batch_id&gt;.json</c>: every attempt of one batch.</summary>
internal sealed class BatchLog(IRunReader reader, Guid runId, PlanBatch batch, BatchFigures figures)
{
    public async Task WriteAsync(Stream stream, CancellationToken cancellationToken)
    {
        await using var json = ReportJson.Writer(stream);
        json.WriteStartObject();
        json.WriteString("run_id", runId);
        json.WriteString("batch_id", batch.BatchId);
        json.WriteString("description", batch.Description);
        json.Time("started_at", figures.StartedAt);
        json.Time("completed_at", figures.CompletedAt);
        json.WriteNumber("sessions_processed", figures.Settled);
        json.WriteNumber("sessions_successful", figures.Succeeded);
        json.WriteNumber("sessions_failed", figures.Failed);
        json.WriteStartArray("operations_log");
        await foreach (var entry in reader.ReadOperationLogAsync(runId, batch.BatchId, cancellationToken).ConfigureAwait(false))
        {
            Write(json, entry);
            await json.FlushIfLargeAsync(cancellationToken).ConfigureAwait(false);
        }

        json.WriteEndArray();
        json.WriteStartArray("errors");
        await foreach (var result in reader.ReadSessionsAsync(runId, null, cancellationToken).ConfigureAwait(false))
        {
            if (result.BatchId != batch.BatchId || !SessionError.Is(result))
                continue;
            SessionError.Write(json, result);
            await json.FlushIfLargeAsync(cancellationToken).ConfigureAwait(false);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, OperationLogEntry entry)
    {
        var success = entry.Outcome == BackfillOutcome.Succeeded;
        json.WriteStartObject();
        json.WriteString("session_id", entry.SessionId);
        json.WriteString("function", entry.Function);
        json.WritePropertyName("params");
        json.WriteRawValue(entry.Params);
        json.Time("started_at", entry.StartedAt);
        json.Number("duration_ms", entry.DurationMs);
        json.WriteNumber("attempt", entry.Attempt);
        json.Number("status", entry.StatusCode);
        json.WriteString("outcome", ReportJson.Text(entry.Outcome));
        json.WriteBoolean("success", success);
        json.WriteString("category", ReportJson.Text(entry.Category));
        json.WriteString("error", success ? null : entry.Message);
        json.WriteEndObject();
    }
}
