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

    /// <summary>Signals whose values are parts of a whole, from 0 to 1.</summary>
    private static readonly FrozenSet<BackfillSignal> Shares = [BackfillSignal.Connections, BackfillSignal.FunctionErrors];

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

        if (!takesQuery && !document.RootElement.EnumerateObject().Any())
        {
            problem = "it names no signal. Give at least one, for example @{ LockWaits = 5 }.";
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
                    problem = "'query' can't be changed here. Set it in the plan, whose hash covers it.";
                    break;
                case "query":
                    query = value.ValueKind == JsonValueKind.String ? value.GetString()!.Trim().TrimEnd(';').TrimEnd() : "";
                    problem = Statement().IsMatch(query)
                        ? ""
                        : "'query' must be one statement that begins with SELECT or WITH, without a semicolon.";
                    break;
                case var name when Names.TryGetValue(name, out var signal):
                    // In an order it takes back what was given.
                    if (value.ValueKind == JsonValueKind.Null && !takesQuery)
                        break;
                    limits[signal] = Limit(takesQuery ? name : $"{signal}", value, limits[signal], Shares.Contains(signal), out problem);
                    break;
                default:
                    var names = takesQuery ? Names.Keys : Names.Values.Select(s => $"{s}");
                    problem = $"'{member.Name}' is no signal. Signals: {string.Join(", ", names.Order(StringComparer.Ordinal))}.";
                    break;
            }

            if (problem.Length > 0)
                return false;
        }

        settings = new(isOn, limits, query);
        return true;
    }

    private static GuardLimit Limit(string name, JsonElement value, GuardLimit standard, bool isShare, out string problem)
    {
        problem = "";
        if (IsOff(value))
            return new(null, null);
        if (value.ValueKind != JsonValueKind.Object)
        {
            problem = $"'{name}' must be \"off\", or an object with 'hold' and 'halt'.";
            return standard;
        }

        var limit = standard;
        foreach (var member in value.EnumerateObject())
        {
            problem = member.Name is "hold" or "halt"
                ? ProblemOf($"{name}.{member.Name}", member.Value, isShare)
                : $"'{name}.{member.Name}' is unknown: '{name}' has 'hold' and 'halt'.";
            if (problem.Length > 0)
                return standard;
            double? number = IsOff(member.Value) ? null : member.Value.GetDouble();
            limit = member.Name == "hold" ? limit with { Hold = number } : limit with { Halt = number };
        }

        if (limit.Halt >= limit.Hold || limit.Halt is null || limit.Hold is null)
            return limit;
        // A hold over the usual halt takes that halt away; only a halt that was given can be wrong.
        if (!value.TryGetProperty("halt", out _))
            return limit with { Halt = null };
        problem = FormattableString.Invariant($"'{name}.halt' is {limit.Halt}, below its 'hold' of {limit.Hold}.");
        return standard;
    }

    private static string ProblemOf(string place, JsonElement value, bool isShare)
    {
        if (IsOff(value))
            return "";
        var number = value.ValueKind == JsonValueKind.Number ? value.GetDouble() : double.NaN;
        return number is not (> 0 and < double.PositiveInfinity) ? $"'{place}' must be a number over 0, or \"off\"."
            : isShare && number > 1 ? $"'{place}' is a share, so it must be at most 1: 0.9 is 90 %."
            : "";
    }

    private static bool IsOff(JsonElement value) => value.ValueKind == JsonValueKind.String && value.ValueEquals(Off);

    [GeneratedRegex(@"^(?:select|with)\b[^;]+$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Statement();
}
