using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Backfill.Engine.Apply.Call.Http;

/// <summary>From a call to its HTTP request.</summary>
internal static class CallRequest
{
    public static HttpRequestMessage Of(FunctionCall call, string key)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, Path(call.Function)) { Content = new JsonBody(Body(call)) };
        request.Authorize(key);
        request.Headers.TryAddWithoutValidation("x-backfill-trace", string.Create(
            CultureInfo.InvariantCulture,
            $"run={call.RunId}; session={call.SessionId}; operation={call.Position}/{call.Function}; attempt={call.Attempt}; fence={call.Fence}"));
        // The same for every attempt of one claim: what it would mean to a function that honoured it.
        request.Headers.TryAddWithoutValidation("Idempotency-Key", string.Create(
            CultureInfo.InvariantCulture, $"{call.RunId:N}-{call.SessionId:N}-{call.Position}-{call.Fence}"));
        return request;
    }

    public static Uri Path(string function) => new($"functions/v1/{Uri.EscapeDataString(function)}", UriKind.Relative);

    private static byte[] Body(FunctionCall call)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("session_id", call.SessionId);
            using var parameters = JsonDocument.Parse(call.Params.Json);
            foreach (var param in parameters.RootElement.EnumerateObject().Where(p => p.Name != "session_id"))
            {
                // As the plan writes it: a number keeps its digits.
                writer.WritePropertyName(param.Name);
                writer.WriteRawValue(param.Value.GetRawText());
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
