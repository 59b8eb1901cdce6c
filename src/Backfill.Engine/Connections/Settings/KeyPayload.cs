using System.Buffers.Text;
using System.Text.Json;

namespace Backfill.Engine.Connections.Settings;

/// <summary>What a legacy key says of itself. Its signature is the server's to check.</summary>
internal sealed record KeyPayload(string Role, string? ProjectRef, DateTimeOffset? ExpiresAt)
{
    public static KeyPayload? TryRead(string jwt)
    {
        var parts = jwt.Split('.');
        if (parts.Length != 3 || parts.Any(p => p.Length == 0))
            return null;
        try
        {
            using var payload = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1]));
            var root = payload.RootElement;
            return root.ValueKind == JsonValueKind.Object && Text(root, "role") is { Length: > 0 } role
                ? new(role, Text(root, "ref"), Time(root))
                : null;
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static DateTimeOffset? Time(JsonElement root) =>
        root.TryGetProperty("exp", out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var seconds)
            && seconds is >= 0 and <= 253402300799
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;
}
