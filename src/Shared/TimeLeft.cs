using System.Globalization;

namespace Backfill;

/// <summary>How long something still takes, in words.</summary>
internal static class TimeLeft
{
    /// <summary>Rounded up, so that it never says less than is left.</summary>
    /// <param name="left">How long.</param>
    /// <returns>For example <c>5 h 12 min left</c>, <c>58 min left</c>, <c>45 s left</c>.</returns>
    public static string Of(TimeSpan left)
    {
        if (left <= TimeSpan.FromSeconds(90))
            return Text($"{Math.Max(0, Math.Ceiling(left.TotalSeconds))} s left");
        var minutes = (long)Math.Ceiling(left.TotalMinutes);
        return minutes < 60 ? Text($"{minutes} min left")
            : minutes % 60 == 0 ? Text($"{minutes / 60} h left")
            : Text($"{minutes / 60} h {minutes % 60} min left");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
