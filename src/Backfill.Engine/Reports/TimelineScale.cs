namespace Backfill.Engine.Reports;

/// <summary>A run's time, divided into parts of a length that people count in. Pure.</summary>
/// <param name="Start">Where it begins.</param>
/// <param name="Width">How long a part is.</param>
/// <param name="Parts">How many there are, at least 1.</param>
public sealed record TimelineScale(DateTimeOffset Start, TimeSpan Width, int Parts)
{
    /// <summary>More than these would not be told apart.</summary>
    private const int MostParts = 120;

    private static readonly TimeSpan[] Widths =
    [
        .. Seconds(1, 2, 5, 10, 15, 30), .. Seconds(60, 120, 300, 600, 900, 1800), .. Seconds(3600, 7200, 10_800, 21_600, 43_200), .. Seconds(86_400),
    ];

    /// <summary>Where it ends.</summary>
    public DateTimeOffset End => Start + (Width * Parts);

    /// <summary>The finest scale that shows a span whole.</summary>
    /// <param name="from">Where the span begins.</param>
    /// <param name="to">Where it ends; not before <paramref name="from"/>, or it is taken for that.</param>
    /// <param name="atLeast">How long a part is at least.</param>
    /// <returns>The scale; it begins at a full part.</returns>
    public static TimelineScale Of(DateTimeOffset from, DateTimeOffset to, TimeSpan atLeast = default)
    {
        to = to < from ? from : to;
        foreach (var width in Widths.Where(w => w >= atLeast))
        {
            var scale = With(width, from, to);
            if (scale.Parts <= MostParts)
                return scale;
        }

        // Years: whole days, as many as it takes.
        return With(TimeSpan.FromDays(Math.Ceiling((to - from).TotalDays / (MostParts - 2))), from, to);
    }

    private static TimelineScale With(TimeSpan width, DateTimeOffset from, DateTimeOffset to)
    {
        var start = new DateTimeOffset(from.UtcTicks - (from.UtcTicks % width.Ticks), TimeSpan.Zero);
        return new(start, width, (int)((to.UtcTicks - start.UtcTicks) / width.Ticks) + 1);
    }

    private static IEnumerable<TimeSpan> Seconds(params int[] seconds) => seconds.Select(s => TimeSpan.FromSeconds(s));
}
