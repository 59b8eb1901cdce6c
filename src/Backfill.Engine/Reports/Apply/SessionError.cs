using System.Text.Json;

namespace Backfill.Engine.Reports.Apply;

/// <summary>A session that did not succeed, in an artifact's <c>errors</c>.</summary>
internal static class SessionError
{
    public static bool Is(BackfillSessionResult result) =>
        result.Outcome is not (BackfillOutcome.Succeeded or BackfillOutcome.Skipped);

    public static void Write(Utf8JsonWriter json, BackfillSessionResult result)
    {
        json.WriteStartObject();
        json.WriteString("session_id", result.SessionId);
        json.WriteString("batch_id", result.BatchId);
        json.WriteString("outcome", ReportJson.Text(result.Outcome));
        json.WriteString("category", ReportJson.Text(result.Category));
        json.WriteString("error", result.Reason);
        json.WriteEndObject();
    }
}
