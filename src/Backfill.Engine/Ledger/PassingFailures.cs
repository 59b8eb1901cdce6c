using System.Net.Sockets;
using Npgsql;
using Polly;
using Polly.Retry;

namespace Backfill.Engine.Ledger;

/// <summary>Failures of the database that pass by themselves, and how long they are waited out.</summary>
internal static class PassingFailures
{
    /// <summary>A hosted database restarts well within this.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private static readonly ResiliencePropertyKey<long> Since = new("since");

    /// <summary>Repeats until the failure has passed, or it has lasted too long.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="longest">How long it may last; two minutes by default, in which a hosted database restarts.</param>
    public static ResiliencePipeline Pipeline(TimeProvider time, TimeSpan? longest = null) => new ResiliencePipelineBuilder { TimeProvider = time }
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = args => ValueTask.FromResult(
                args.Outcome.Exception is { } e && Is(e) && !HasLasted(args.Context, time, longest ?? Longest)),
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = TimeSpan.FromMilliseconds(100),
            MaxDelay = LongestPause,
            MaxRetryAttempts = int.MaxValue,
        })
        .Build();

    /// <summary>Counted from the first failure: each try has timeouts of its own.</summary>
    private static bool HasLasted(ResilienceContext context, TimeProvider time, TimeSpan longest)
    {
        if (!context.Properties.TryGetValue(Since, out var since))
            context.Properties.Set(Since, since = time.GetTimestamp());
        return time.GetElapsedTime(since) > longest;
    }

    /// <summary>Whether the cause passes: a restart, a broken connection, too many connections, a deadlock.</summary>
    public static bool Is(Exception exception) => exception switch
    {
        // 57P: the server stops or starts. 08: a pooler says that it has lost the server. A statement that took too long is tried again
        // as one is whose answer did not come.
        PostgresException p => p.IsTransient
            || p.SqlState == PostgresErrorCodes.QueryCanceled
            || p.SqlState.StartsWith("57P", StringComparison.Ordinal)
            || p.SqlState.StartsWith("08", StringComparison.Ordinal),
        NpgsqlException { InnerException: IOException or SocketException or TimeoutException } => true,
        NpgsqlException n => n.IsTransient,
        _ => false,
    };
}
