using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Backfill.PowerShell.Parameters;

/// <summary>Limits of the guard as operators write them: <c>@{ LockWaits = 5; Autovacuum = 'Off' }</c>.</summary>
internal static class GuardLimits
{
    /// <summary>The same as a plan writes them.</summary>
    public static string ToJson(IDictionary limits)
    {
        var json = new JsonObject();
        foreach (DictionaryEntry entry in limits)
        {
            var name = Convert.ToString(entry.Key, CultureInfo.InvariantCulture) ?? "";
            json[JsonNamingPolicy.SnakeCaseLower.ConvertName(Known(name))] = Value(entry.Value);
        }

        return json.ToJsonString();
    }

    /// <summary>The same in a few words, for the question.</summary>
    public static string ToText(IDictionary limits) =>
        string.Join(", ", limits.Cast<DictionaryEntry>().Select(e => $"{e.Key} {Text(e.Value)}"));

    private static string Known(string name) =>
        Enum.GetNames<BackfillSignal>().Append("Enabled").FirstOrDefault(n => n.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? name;

    private static JsonNode? Value(object? value)
    {
        value = value is PSObject wrapped ? wrapped.BaseObject : value;
        return value switch
        {
            null => null,
            bool flag => flag,
            string text when text.Equals("Off", StringComparison.OrdinalIgnoreCase) => "off",
            string text when text.Equals("Default", StringComparison.OrdinalIgnoreCase) => null,
            IDictionary both => new JsonObject(both.Cast<DictionaryEntry>().Select(
                e => KeyValuePair.Create(Convert.ToString(e.Key, CultureInfo.InvariantCulture)!.ToLowerInvariant(), Limit(e.Value)))),
            var number => new JsonObject { ["hold"] = Limit(number) },
        };
    }

    private static JsonNode? Limit(object? value)
    {
        value = value is PSObject wrapped ? wrapped.BaseObject : value;
        return value switch
        {
            string text when text.Equals("Off", StringComparison.OrdinalIgnoreCase) => "off",
            string text => text,
            IConvertible number => number.ToDouble(CultureInfo.InvariantCulture),
            _ => null,
        };
    }

    private static string Text(object? value) => value is IDictionary both
        ? ToText(both)
        : Convert.ToString(value, CultureInfo.InvariantCulture) is { Length: > 0 } text ? text : "Default";
}
