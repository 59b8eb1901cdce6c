using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Backfill.Sandbox.Scoring;

/// <summary>The JSON that a profile carries: about 2 kB, and 10 to 30 kB for one session in sixteen.</summary>
internal static class ProfilePayload
{
    private const int Items = 20;
    private const int BytesAnItem = 75;

    public static string Write(ScoredProfile profile, string version, ref Dice dice)
    {
        var items = dice.Below(16) == 0 ? (10_000 + dice.Below(20_000)) / BytesAnItem : Items;
        var buffer = new ArrayBufferWriter<byte>(512 + items * BytesAnItem);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("version", version);
            json.WriteString("type_code", profile.TypeCode);
            json.WriteNumber("confidence", profile.Confidence);
            json.WriteString("fit_band", profile.FitBand);
            WriteMeasures(json, "top_types", "code", "fit", profile.Types);
            WriteMeasures(json, "strengths", "func", "strength", profile.Functions);
            WriteMeasures(json, "state", "state", "level", profile.States);
            json.WriteStartArray("items");
            for (var i = 0; i < items; i++)
            {
                json.WriteStartObject();
                json.WriteNumber("question_id", i + 1);
                json.WriteNumber("z", dice.Between(-3, 3));
                json.WriteNumber("weight", dice.Between(0, 2));
                json.WriteString("scale", profile.Functions[dice.Below(profile.Functions.Length)].Code);
                json.WriteBoolean("reversed", dice.Below(2) == 0);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteMeasures(Utf8JsonWriter json, string name, string code, string value, Measure[] measures)
    {
        json.WriteStartArray(name);
        foreach (var measure in measures)
        {
            json.WriteStartObject();
            json.WriteString(code, measure.Code);
            json.WriteNumber(value, measure.Value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
