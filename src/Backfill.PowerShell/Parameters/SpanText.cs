using System.Globalization;

namespace Backfill.PowerShell.Parameters;

/// <summary>Spans as operators write them: <c>6h</c>, <c>5m</c>, <c>90s</c>, <c>500ms</c>, <c>30d</c>, <c>hh:mm:ss</c>.</summary>
internal static class SpanText
{
    private static readonly (string Unit, double Seconds)[] Units = [("ms", 0.001), ("d", 86400), ("h", 3600), ("m", 60), ("s", 1)];

    /// <summary>Reads a span.</summary>
    /// <param name="text">The text.</param>
    /// <param name="span">The span.</param>
    /// <returns>False for anything else, a bare number among it: its unit would be a guess.</returns>
    public static bool TryParse(string? text, out TimeSpan span)
    {
        span = default;
        var trimmed = text?.Trim() ?? "";
        if (trimmed.Contains(':', StringComparison.Ordinal))
            return TimeSpan.TryParse(trimmed, CultureInfo.InvariantCulture, out span) && span >= TimeSpan.Zero;
        foreach (var (unit, seconds) in Units)
        {
            if (!trimmed.EndsWith(unit, StringComparison.OrdinalIgnoreCase))
                continue;
            if (!double.TryParse(trimmed[..^unit.Length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
                || number * seconds > TimeSpan.MaxValue.TotalSeconds / 2)
                return false;
            span = TimeSpan.FromSeconds(number * seconds);
            return true;
        }

        return false;
    }
}
