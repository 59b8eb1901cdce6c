using System.Text.Encodings.Web;
using System.Text.Json;

namespace Backfill.Engine.Reports;

/// <summary>How artifacts write JSON: snake case, readable, culture-free.</summary>
internal static class ReportJson
{
    public static Utf8JsonWriter Writer(Stream stream) => new(
        stream, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static string? Text(BackfillOutcome? outcome) => outcome?.ToString();

    public static string? Text(BackfillCategory? category) => category?.ToString();

    public static string Text(BackfillEnvironment environment) => JsonNamingPolicy.SnakeCaseLower.ConvertName(environment.ToString());

    public static void Time(this Utf8JsonWriter json, string name, DateTimeOffset? time)
    {
        if (time is { } known)
            json.WriteString(name, known.UtcDateTime);
        else
            json.WriteNull(name);
    }

    public static void Number(this Utf8JsonWriter json, string name, long? number)
    {
        if (number is { } known)
            json.WriteNumber(name, known);
        else
            json.WriteNull(name);
    }

    /// <summary>Keeps memory flat while a long list is written.</summary>
    public static async Task FlushIfLargeAsync(this Utf8JsonWriter json, CancellationToken cancellationToken)
    {
        if (json.BytesPending > 64 * 1024)
            await json.FlushAsync(cancellationToken).ConfigureAwait(false);
    }
}
