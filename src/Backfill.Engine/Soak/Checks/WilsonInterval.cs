namespace Backfill.Engine.Soak.Checks;

/// <summary>The 95 % score interval of a share. Unlike the textbook's, it stays within 0 and 1 and holds for small samples.</summary>
/// <remarks>
/// E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the American Statistical
/// Association 22 (1927), 209–212, without continuity correction; recommended for all sizes by L. D. Brown, T. T. Cai and
/// A. DasGupta, "Interval estimation for a binomial proportion", Statistical Science 16 (2001), 101–133.
/// </remarks>
/// <param name="Lower">Its lower end, from 0 to 1.</param>
/// <param name="Upper">Its upper end, from 0 to 1.</param>
public readonly record struct WilsonInterval(double Lower, double Upper)
{
    /// <summary>The standard normal distribution's 97.5 % point.</summary>
    public const double Z = 1.959964;

    /// <summary>The interval of <paramref name="hits"/> of <paramref name="total"/>.</summary>
    /// <param name="hits">How many of them, from 0 to <paramref name="total"/>.</param>
    /// <param name="total">How many there are; nothing is known of none, so that gives 0 to 1.</param>
    /// <returns>The interval.</returns>
    public static WilsonInterval Of(long hits, long total)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(hits);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(hits, total);
        if (total == 0)
            return new(0, 1);
        const double square = Z * Z;
        var share = (double)hits / total;
        var centre = share + (square / (2 * total));
        var reach = Z * Math.Sqrt((share * (1 - share) / total) + (square / (4d * total * total)));
        var scale = 1 + (square / total);
        // At none and at all of them the ends are exact; in between, rounding must not pass them.
        return new(
            hits == 0 ? 0 : Math.Max(0, (centre - reach) / scale),
            hits == total ? 1 : Math.Min(1, (centre + reach) / scale));
    }
}
