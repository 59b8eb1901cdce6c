using System.Collections.Frozen;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Backfill.Engine.Apply.Guard;

/// <summary>From which value on a signal holds a run, and from which on it halts it; null for never.</summary>
internal readonly record struct GuardLimit(double? Hold, double? Halt);

/// <summary>What a run's guard watches. Read from a plan's <c>guard</c>, or from what an operator gave instead.</summary>
internal sealed partial record GuardSettings(bool IsOn, IReadOnlyDictionary<BackfillSignal, GuardLimit> Limits, string? Query)
{
    private const string Off = "off";

    /// <summary>The limits where a plan says nothing.</summary>
    public static GuardSettings Default { get; } = new(
        true,
        new Dictionary<BackfillSignal, GuardLimit>
        {
            [BackfillSignal.ReplicationLag] = new(256 << 20, 4L << 30),
            [BackfillSignal.ArchiveWaiting] = new(32, 256),
            [BackfillSignal.Autovacuum] = new(1, null),
            [BackfillSignal.LockWaits] = new(1, 50),
            [BackfillSignal.OldestTransaction] = new(60, 3600),
            [BackfillSignal.Connections] = new(0.9, 0.98),
            [BackfillSignal.FunctionLatency] = new(5, 50),
            [BackfillSignal.FunctionErrors] = new(0.5, 0.9),
            [BackfillSignal.Query] = new(1, null),
        }.ToFrozenDictionary(),
        null);

    /// <summary>Signals by their names in JSON: <c>lock_waits</c>.</summary>
    public static IReadOnlyDictionary<string, BackfillSignal> Names { get; } = Enum.GetValues<BackfillSignal>()
        .Where(s => s != BackfillSignal.Query)
        .ToFrozenDictionary(s => JsonNamingPolicy.SnakeCaseLower.ConvertName($"{s}"), StringComparer.Ordinal);

    /// <summary>Reads settings; what they don't name has its default.</summary>
    /// <param name="json">An object, or null for the defaults.</param>
    /// <param name="takesQuery">Whether a statement may be among them: only a plan's hash covers it.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="problem">What is wrong, as a sentence.</param>
    public static bool TryParse(string? json, bool takesQuery, out GuardSettings settings, out string problem)
    {
        (settings, problem) = (Default, "");
        if (json is null)
            return true;
        using var document = JsonDocument.Parse(json);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            problem = "it must be an object.";
            return false;
        }

        var limits = new Dictionary<BackfillSignal, GuardLimit>(Default.Limits);
        var (isOn, query) = (true, (string?)null);
        foreach (var member in document.RootElement.EnumerateObject())
        {
            var value = member.Value;
            switch (member.Name)
            {
                case "enabled" when value.ValueKind is JsonValueKind.True or JsonValueKind.False:
                    isOn = value.GetBoolean();
                    break;
                case "enabled":
                    problem = "'enabled' must be true or false.";
                    break;
                case "query" when !takesQuery:
                    problem = "'query' belongs into the plan, whose hash covers it.";
                    break;
                case "query":
                    query = value.ValueKind == JsonValueKind.String ? value.GetString()!.Trim().TrimEnd(';').TrimEnd() : "";
                    problem = Statement().IsMatch(query) ? "" : "'query' must be one statement that begins with SELECT or WITH, without a semicolon.";
                    break;
                case var name when Names.TryGetValue(name, out var signal):
                    // In an order it takes back what was given.
                    if (value.ValueKind == JsonValueKind.Null && !takesQuery)
                        break;
                    problem = Limit(value, limits[signal]) is { } limit ? "" : $"'{name}' must be \"off\", or an object with 'hold' and 'halt': numbers over 0, or \"off\", and 'halt' not below 'hold'.";
                    limits[signal] = Limit(value, limits[signal]) ?? default;
                    break;
                default:
                    problem = $"'{member.Name}' is no signal. Signals: {string.Join(", ", Names.Keys.Order(StringComparer.Ordinal))}.";
                    break;
            }

            if (problem.Length > 0)
                return false;
        }

        settings = new(isOn, limits, query);
        return true;
    }

    private static GuardLimit? Limit(JsonElement value, GuardLimit standard)
    {
        if (IsOff(value))
            return new(null, null);
        if (value.ValueKind != JsonValueKind.Object || value.EnumerateObject().Any(m => m.Name is not ("hold" or "halt")))
            return null;
        var limit = standard;
        if (value.TryGetProperty("hold", out var hold))
        {
            if (!IsNumber(hold, out var number))
                return null;
            // A hold over the usual halt moves the halt with it.
            limit = new(number, limit.Halt < number ? null : limit.Halt);
        }

        if (value.TryGetProperty("halt", out var halt))
        {
            if (!IsNumber(halt, out var number))
                return null;
            limit = limit with { Halt = number };
        }

        return limit.Halt < limit.Hold ? null : limit;
    }

    private static bool IsNumber(JsonElement value, out double? number)
    {
        number = value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;
        return number is > 0 and < double.PositiveInfinity || IsOff(value);
    }

    private static bool IsOff(JsonElement value) => value.ValueKind == JsonValueKind.String && value.ValueEquals(Off);

    [GeneratedRegex(@"^(?:select|with)\b[^;]+$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Statement();
}
