using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using Backfill.Engine.Profiles;
using Backfill.Engine.Reports;

namespace Backfill.Engine.Plans;

/// <summary>
/// Writes plans of named sessions: UTF-8 without a byte-order mark, lines that end with LF, the same in every culture and zone.
/// </summary>
internal static class PlanWriter
{
    private const int VersionDigits = 12;

    private static readonly JsonWriterOptions Options = new()
    {
        Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static ReadOnlyMemory<byte> Write(NewPlan draft)
    {
        if (draft.Version is { } version)
            return Write(draft, version);
        var digest = Convert.ToHexStringLower(SHA256.HashData(Write(draft, draft.VersionPrefix).Span));
        return Write(draft, $"{draft.VersionPrefix}-{digest[..VersionDigits]}");
    }

    private static ReadOnlyMemory<byte> Write(NewPlan draft, string version)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, Options))
        {
            json.WriteStartObject();
            WriteHeader(json, draft, version);
            json.WriteStartArray("batches");
            foreach (var batch in draft.Batches)
                WriteBatch(json, batch);
            json.WriteEndArray();
            WriteChanges(json, draft.Changes);
            if (draft.Project is { } project)
                WriteFootprint(json, project);
            json.WriteEndObject();
        }

        bytes.Write("\n"u8);
        return bytes.WrittenMemory;
    }

    private static void WriteHeader(Utf8JsonWriter json, NewPlan draft, string version)
    {
        json.WriteStartObject("backfill_plan");
        json.WriteString("version", version);
        if (draft.Timestamp is { } time)
            json.WriteString("timestamp", time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture));
        json.WriteString("environment", ReportJson.Text(draft.Environment));
        json.WriteString("engine_version", draft.EngineVersion);
        json.WriteString("fc_version", draft.FcVersion);
        json.WriteNumber("throttle_per_minute", draft.ThrottlePerMinute);
        json.WriteNumber("batch_size", draft.BatchSize);
        json.WriteNumber("total_candidates", draft.Sessions);
        json.WriteNumber("expected_runtime_minutes", (draft.Sessions + draft.ThrottlePerMinute - 1) / draft.ThrottlePerMinute);
        json.WriteEndObject();
    }

    private static void WriteBatch(Utf8JsonWriter json, PlanBatch batch)
    {
        json.WriteStartObject();
        json.WriteString("batch_id", batch.BatchId);
        json.WriteString("description", batch.Description);
        json.WriteStartArray("sessions");
        foreach (var session in batch.Sessions)
            json.WriteStringValue(session);
        json.WriteEndArray();
        json.WriteStartArray("operations");
        foreach (var operation in batch.Operations)
            WriteOperation(json, operation);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteOperation(Utf8JsonWriter json, PlanOperation operation)
    {
        json.WriteStartObject();
        json.WriteString("function", operation.Function);
        json.WriteStartObject("params");
        using (var given = JsonDocument.Parse(operation.Params.Json))
        {
            foreach (var param in given.RootElement.EnumerateObject())
                param.WriteTo(json);
        }

        if (operation.IfMissing)
            json.WriteBoolean("if_missing", true);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteFootprint(Utf8JsonWriter json, DeclaredProject project)
    {
        json.WriteStartObject("tables");
        foreach (var table in project.Tables)
        {
            json.WriteStartObject(table.Table);
            json.WriteString("session_column", table.SessionColumn);
            if (table.VersionColumn is { } version)
                json.WriteString("version_column", version);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        var function = project.Footprint;
        json.WriteStartObject("functions");
        json.WriteStartObject(function.Function);
        Names("writes", function.Writes);
        json.WriteStartObject("expected");
        json.WriteString("table", function.Expected.Table);
        json.WriteStartObject("match");
        foreach (var match in function.Expected.Match)
        {
            json.WriteStartObject(match.Column);
            json.WriteString("param", match.Param);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
        if (function.Requires.Count > 0)
            Names("requires", function.Requires);
        json.WriteEndObject();
        json.WriteEndObject();

        void Names(string name, IEnumerable<string> tables)
        {
            json.WriteStartArray(name);
            foreach (var table in tables)
                json.WriteStringValue(table);
            json.WriteEndArray();
        }
    }

    private static void WriteChanges(Utf8JsonWriter json, ExpectedChanges changes)
    {
        json.WriteStartObject("expected_changes");
        foreach (var table in changes.Tables)
        {
            json.WriteStartObject(table.Table);
            Figure("new_rows", table.NewRows);
            Figure("updated_rows", table.UpdatedRows);
            Figure("deleted_rows", table.DeletedRows);
            foreach (var match in table.Match)
                json.WriteString(match.Column, match.Value);
            json.WriteEndObject();
        }

        json.WriteEndObject();

        void Figure(string name, int? rows)
        {
            if (rows is { } known)
                json.WriteNumber(name, known);
        }
    }
}
