using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Backfill.Engine.Plans.Json;

/// <summary>Turns nodes back into JSON, text and .NET values. Recursion is bounded by <see cref="PlanParser.MaxDepth"/>.</summary>
internal static class PlanNodeText
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string ToJson(OrderedDictionary<string, PlanNode> members) => Written(w => WriteObject(w, members));

    public static string ToText(PlanNode node) => node.Kind switch
    {
        JsonValueKind.Object or JsonValueKind.Array => Written(w => Write(w, node)),
        _ => node.Text,
    };

    public static object? ToValue(PlanNode node) => node.Kind switch
    {
        JsonValueKind.Object => ParamsJson.Of(node.Members),
        JsonValueKind.Array => new ItemList<object?>([.. node.Items.Select(ToValue)]),
        JsonValueKind.String => node.Text,
        JsonValueKind.Number => ToNumber(node.Text),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    // A number that fits neither type stays text: better than a rounded one.
    private static object ToNumber(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? whole
        : decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var fraction) ? fraction
        : text;

    private static string Written(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Compact))
            write(writer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter writer, PlanNode node)
    {
        switch (node.Kind)
        {
            case JsonValueKind.Object:
                WriteObject(writer, node.Members);
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in node.Items)
                    Write(writer, item);
                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                writer.WriteStringValue(node.Text);
                break;
            default:
                writer.WriteRawValue(node.Text, skipInputValidation: true);
                break;
        }
    }

    private static void WriteObject(Utf8JsonWriter writer, OrderedDictionary<string, PlanNode> members)
    {
        writer.WriteStartObject();
        foreach (var (name, value) in members)
        {
            writer.WritePropertyName(name);
            Write(writer, value);
        }

        writer.WriteEndObject();
    }
}
