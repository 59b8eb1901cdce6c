using System.Globalization;
using System.Text.Json;
using Backfill.Engine.Plans.Json;

namespace Backfill.Engine.Plans.Rules;

/// <summary>The section <c>backfill_plan</c>.</summary>
internal sealed record PlanHeader
{
    public const int MostPerMinute = 100_000;
    public const int MostDelayMs = 600_000;
    public const int MinutesOfAYear = 525_600;

    public string Version { get; private init; } = "";

    public BackfillEnvironment Environment { get; private init; }

    public string EngineVersion { get; private init; } = "";

    public string FcVersion { get; private init; } = "";

    public int ThrottlePerMinute { get; private init; } = 1;

    public int BatchSize { get; private init; } = 5;

    public DateTimeOffset? Timestamp { get; private init; }

    public double? ExpectedRuntimeMinutes { get; private init; }

    public TimeSpan OperationDelay { get; private init; }

    public string? Hours { get; private init; }

    public PlanRamp? Ramp { get; private init; }

    /// <summary>Where <c>total_candidates</c> stands, if it does, and what it says.</summary>
    public (PlanNode Node, int Value)? Total { get; private init; }

    public static PlanHeader Read(PlanNode root, PlanFields fields)
    {
        if (fields.Required(root, "backfill_plan") is not { } node || !fields.IsObject(node))
            return new();
        fields.WarnOfOthers(
            node, "version", "timestamp", "environment", "engine_version", "fc_version", "throttle_per_minute", "batch_size",
            "total_candidates", "expected_runtime_minutes", "operation_delay_ms", "hours",
            "throttle_ramp");
        var total = node["total_candidates"];
        var candidates = fields.Whole(total, 0, int.MaxValue, PlanCodes.TotalInvalid);
        return new()
        {
            Version = fields.Label(fields.Required(node, "version")),
            Environment = ReadEnvironment(fields.Required(node, "environment"), fields),
            EngineVersion = fields.Label(fields.Required(node, "engine_version")),
            FcVersion = fields.Label(fields.Required(node, "fc_version")),
            ThrottlePerMinute = fields.Whole(
                fields.Required(node, "throttle_per_minute"), 1, MostPerMinute, PlanCodes.ThrottleInvalid, " 20 is usual.") ?? 1,
            BatchSize = fields.Whole(node["batch_size"], 1, MostPerMinute, PlanCodes.BatchSizeInvalid, " 5 is usual.") ?? 5,
            Timestamp = fields.Date(node["timestamp"]),
            ExpectedRuntimeMinutes = ReadMinutes(node["expected_runtime_minutes"], fields),
            OperationDelay = TimeSpan.FromMilliseconds(
                fields.Whole(node["operation_delay_ms"], 0, MostDelayMs, PlanCodes.DelayInvalid, " It is in milliseconds.") ?? 0),
            Hours = ReadHours(node["hours"], fields),
            Ramp = ReadRamp(node["throttle_ramp"], node["throttle_per_minute"], fields),
            Total = candidates is { } value ? (total!, value) : null,
        };
    }

    private static string? ReadHours(PlanNode? node, PlanFields fields)
    {
        if (node is null)
            return null;
        var problem = "it must be text.";
        if (node.Kind == JsonValueKind.String && WorkingHours.TryParse(node.Text, out _, out problem))
            return node.Text;
        fields.Problems.Error(PlanCodes.HoursInvalid, node, $"{PlanFields.Named(node)} can't be read: {problem}");
        return null;
    }

    private static PlanRamp? ReadRamp(PlanNode? node, PlanNode? throttle, PlanFields fields)
    {
        if (node is null || !fields.IsObject(node))
            return null;
        fields.WarnOfOthers(node, "start_per_minute", "step_per_minute", "step_attempts");
        if (Part("start_per_minute") is not { } start || Part("step_per_minute") is not { } step
            || Part("step_attempts") is not { } attempts)
            return null;
        if (throttle is { Kind: JsonValueKind.Number } && int.TryParse(throttle.Text, CultureInfo.InvariantCulture, out var most)
            && start >= most)
        {
            fields.Problems.Error(
                PlanCodes.RampInvalid,
                node["start_per_minute"]!,
                $"'start_per_minute' must be below 'throttle_per_minute', which is {most}. Give a smaller number, or leave 'throttle_ramp' out.");
        }

        return new(start, step, attempts);

        int? Part(string name) => fields.Whole(fields.Required(node, name, PlanCodes.RampInvalid), 1, MostPerMinute, PlanCodes.RampInvalid);
    }

    private static BackfillEnvironment ReadEnvironment(PlanNode? node, PlanFields fields)
    {
        if (node is null)
            return default;
        switch (node.Kind == JsonValueKind.String ? node.Text : "")
        {
            case "staging":
                return BackfillEnvironment.Staging;
            case "production":
                return BackfillEnvironment.Production;
            default:
                fields.Problems.Error(
                    PlanCodes.EnvironmentUnknown,
                    node,
                    $"The environment must be \"staging\" or \"production\"; it is {PlanFields.Shown(node)}.");
                return default;
        }
    }

    private static double? ReadMinutes(PlanNode? node, PlanFields fields)
    {
        if (node is null)
            return null;
        if (node.Kind == JsonValueKind.Number
            && double.TryParse(node.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var minutes)
            && minutes is >= 0 and <= MinutesOfAYear)
        {
            return minutes;
        }

        fields.Problems.Error(
            PlanCodes.RuntimeInvalid,
            node,
            $"{PlanFields.Named(node)} must be a number of minutes from 0 to {MinutesOfAYear}; it is {PlanFields.Shown(node)}.");
        return null;
    }
}
