using System.Text.Json;

namespace Backfill.Sandbox.Functions;

/// <summary>The body of a call.</summary>
/// <param name="SessionId">As given: perhaps no uuid; null where it is missing.</param>
/// <param name="Params">The other members.</param>
internal sealed record FunctionRequest(string? SessionId, IReadOnlyDictionary<string, JsonElement> Params)
{
    public static readonly FunctionRequest Empty = new(null, new Dictionary<string, JsonElement>());

    /// <exception cref="JsonException">The body is not JSON.</exception>
    public static async ValueTask<FunctionRequest> ReadAsync(HttpRequest request)
    {
        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer).ConfigureAwait(false);
        if (buffer.Length == 0) return Empty;

        using var document = JsonDocument.Parse(buffer.GetBuffer().AsMemory(0, (int)buffer.Length));
        if (document.RootElement.ValueKind != JsonValueKind.Object) return Empty;

        string? sessionId = null;
        var others = new Dictionary<string, JsonElement>();
        foreach (var member in document.RootElement.EnumerateObject())
        {
            if (member.NameEquals("session_id")) sessionId = member.Value.ValueKind == JsonValueKind.String
                ? member.Value.GetString()
                : null;
            else others[member.Name] = member.Value.Clone();
        }

        return new FunctionRequest(string.IsNullOrEmpty(sessionId) ? null : sessionId, others);
    }

    /// <summary>A text parameter, or what the function takes without it.</summary>
    public string Text(string name, string otherwise) =>
        Params.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : otherwise;
}
