using System.Globalization;

namespace Backfill;

/// <summary>Numbers of things, in words.</summary>
internal static class CountText
{
    /// <summary>A number and what it counts.</summary>
    /// <param name="count">How many.</param>
    /// <param name="one">What one of them is called.</param>
    /// <param name="many">What several are called; by default the same with an <c>s</c>.</param>
    /// <returns>For example <c>1 row</c>, <c>0 rows</c>, <c>3 images</c>.</returns>
    public static string Of(long count, string one, string? many = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? one : many ?? one + "s")}");

    /// <summary>Several such counts; what is zero is left out.</summary>
    /// <param name="counts">How many of what.</param>
    /// <returns>For example <c>39 sessions, 1 soak</c>; empty where all are zero.</returns>
    public static string List(params ReadOnlySpan<(long Count, string One)> counts)
    {
        var parts = new List<string>();
        foreach (var (count, one) in counts)
        {
            if (count != 0)
                parts.Add(Of(count, one));
        }

        return string.Join(", ", parts);
    }
}
