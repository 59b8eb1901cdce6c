using System.Globalization;
using System.Text.Json;

namespace Backfill.Sandbox.Functions;

/// <summary>Single values as JSON, for answers that are put together from JSON that exists already.</summary>
internal static class Json
{
    public static string Of(string text) => $"\"{JsonEncodedText.Encode(text)}\"";

    public static string Of(decimal number) => number.ToString(CultureInfo.InvariantCulture);
}
