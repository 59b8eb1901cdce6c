namespace Backfill.Engine.Signals;

/// <summary>Times as Prometheus has them.</summary>
internal static class UnixTime
{
    /// <summary>Seconds since 1970, to the millisecond.</summary>
    public static double Of(DateTimeOffset time) => time.ToUnixTimeMilliseconds() / 1000.0;
}
