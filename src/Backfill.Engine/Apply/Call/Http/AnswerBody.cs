using System.Buffers;
using System.Text.Json;

namespace Backfill.Engine.Apply.Call.Http;

/// <summary>A function's answer as far as it may be kept: no scores, no profile.</summary>
/// <param name="Message">The function's own words.</param>
/// <param name="Reduced">The answer's small fields, as JSON; null where there is none.</param>
/// <param name="HadNothingToDo">Whether it gives an <c>info</c> and no <c>error</c>.</param>
/// <param name="IsJson">Whether it is JSON to its end.</param>
internal sealed record AnswerBody(string? Message, string? Reduced, bool HadNothingToDo = false, bool IsJson = false)
{
    private static readonly string[] Words = ["error", "info", "message", "msg"];

    private static readonly string[] Kept = ["session_id", "version", "basis", "blocks_answered", "status", "info", "error"];

    /// <summary>Reads an answer; what is no JSON object has nothing to keep.</summary>
    public static AnswerBody Read(ReadOnlyMemory<byte> utf8, Redaction redaction)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8);
            var root = document.RootElement;
            return root.ValueKind == JsonValueKind.Object
                ? new(
                    redaction.Clean(Words.Select(w => Text(root, w)).FirstOrDefault(t => !string.IsNullOrWhiteSpace(t))),
                    Reduce(root, redaction),
                    Text(root, "info") is not null && Text(root, "error") is null,
                    IsJson: true)
                : new(null, null, IsJson: true);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a text with half of a surrogate pair.
            return new(null, null);
        }
    }

    private static string? Text(JsonElement root, string name) =>
        !root.TryGetProperty(name, out var value) ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : value.ValueKind == JsonValueKind.Object && value.TryGetProperty("message", out var inner)
        && inner.ValueKind == JsonValueKind.String ? inner.GetString()
        : null;

    private static bool IsShort(JsonElement value) =>
        value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array)
        && (value.ValueKind == JsonValueKind.String || value.GetRawText().Length <= 32);

    private static string? Reduce(JsonElement root, Redaction redaction)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var any = false;
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var name in Kept)
            {
                if (!root.TryGetProperty(name, out var value) || !IsShort(value))
                    continue;
                any = true;
                writer.WritePropertyName(name);
                if (value.ValueKind == JsonValueKind.String)
                    writer.WriteStringValue(redaction.Clean(value.GetString()));
                else
                    writer.WriteRawValue(value.GetRawText());
            }

            writer.WriteEndObject();
        }

        return any ? System.Text.Encoding.UTF8.GetString(buffer.WrittenSpan) : null;
    }
}
