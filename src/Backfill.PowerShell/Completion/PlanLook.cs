using System.Text.Json;

namespace Backfill.PowerShell.Completion;

/// <summary>A quick look at a file: whether it may be a plan. Plans that are wrong are still plans.</summary>
internal static class PlanLook
{
    private const int Enough = 64 * 1024;

    /// <summary>Whether <c>backfill_plan</c> is among the first names at its top.</summary>
    public static bool IsPlan(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            var start = new byte[Enough];
            var bytes = start.AsSpan(0, file.ReadAtLeast(start, Enough, throwOnEndOfStream: false));
            var reader = new Utf8JsonReader(
                bytes.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes,
                isFinalBlock: false,
                new(new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true }));
            while (reader.Read())
            {
                if (reader is { TokenType: JsonTokenType.PropertyName, CurrentDepth: 1 } && reader.ValueTextEquals("backfill_plan"u8))
                    return true;
            }

            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return false;
        }
    }
}
