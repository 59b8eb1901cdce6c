using System.Net.Http.Headers;

namespace Backfill.Engine.Apply.Call.Http;

/// <summary>The <c>Retry-After</c> header: seconds, or a date.</summary>
internal static class RetryAfterHeader
{
    /// <summary>A server that asks for more has something else in mind than a pause.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    public static TimeSpan? Read(RetryConditionHeaderValue? header, DateTimeOffset now) =>
        (header?.Delta ?? (header?.Date is { } date ? date - now : null)) is { } pause
            ? TimeSpan.FromTicks(Math.Clamp(pause.Ticks, 0, Longest.Ticks))
            : null;
}
