using System.Net.Sockets;
using Npgsql;
using Polly;
using Polly.Retry;

namespace Backfill.Engine.Ledger;

/// <summary>Failures of the database that pass by themselves, and how long they are waited out.</summary>
internal static class PassingFailures
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private static readonly ResiliencePropertyKey<long> Since = new("since");

    /// <summary>
    /// Said by poolers under several SQLSTATEs, most often XX000: there is no room for one more client, or no connection to give it.
    /// </summary>
    private static readonly string[] FullPool =
    [
        "EMAXCONN", "ECHECKOUTTIMEOUT", "max clients", "max client connections", "unable to check out", "no more connections allowed",
        "query_wait_timeout",
    ];

    /// <summary>Repeats until the failure has passed, or it has lasted too long.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="longest">How long it may last.</param>
    /// <param name="passes">Which failures are repeated.</param>
    /// <param name="failed">Told of each failure that is repeated.</param>
    public static ResiliencePipeline Pipeline(
        TimeProvider time, TimeSpan longest, Func<Exception, bool> passes, Action<Exception>? failed = null) =>
        new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = args => ValueTask.FromResult(
                    args.Outcome.Exception is { } e && passes(e) && !HasLasted(args.Context, time, longest)),
                OnRetry = args =>
                {
                    failed?.Invoke(args.Outcome.Exception!);
                    return ValueTask.CompletedTask;
                },
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

    /// <summary>Whether a worker waits for it to pass: an outage, a deadlock, a statement that took too long.</summary>
    public static bool Is(Exception exception) => IsOutage(exception) || exception switch
    {
        // A statement that took too long is tried again as one is whose answer did not come.
        PostgresException p => p.IsTransient || p.SqlState == PostgresErrorCodes.QueryCanceled || IsLostStatement(p),
        NpgsqlException n => n.IsTransient,
        _ => false,
    };

    /// <summary>Whether a prepared statement is gone, or another one has its name, or its plan no longer fits the tables.</summary>
    public static bool IsLostStatement(Exception exception) => exception is PostgresException
    {
        SqlState: PostgresErrorCodes.InvalidSqlStatementName or PostgresErrorCodes.DuplicatePreparedStatement,
    }
    or PostgresException { SqlState: PostgresErrorCodes.FeatureNotSupported, Routine: "RevalidateCachedQuery" };

    /// <summary>Whether the database can't be used for a moment: a restart, a full pool, a broken line, a moment of read-only.</summary>
    public static bool IsOutage(Exception exception) => exception switch
    {
        PostgresException p => IsSaidOutage(p),
        NpgsqlException { InnerException: IOException or SocketException or TimeoutException } => true,
        _ => false,
    };

    /// <summary>
    /// Whether an address that is new to us may be right for all that: something answers there. A port that nobody listens on is
    /// most often a wrong one.
    /// </summary>
    public static bool IsAnsweredOutage(Exception exception) => exception switch
    {
        PostgresException p => IsSaidOutage(p),
        NpgsqlException { InnerException: IOException } => true,
        _ => false,
    };

    /// <summary>Whether nobody listens on the port.</summary>
    public static bool IsClosedPort(Exception exception) =>
        exception is NpgsqlException { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionRefused } };

    /// <summary>Whether there is no room for one more connection.</summary>
    public static bool IsFullPool(PostgresException exception) =>
        exception.SqlState == PostgresErrorCodes.TooManyConnections
        || Array.Exists(FullPool, w => exception.MessageText.Contains(w, StringComparison.OrdinalIgnoreCase));

    /// <summary>57P: the server stops or starts. 08: a pooler says that it has lost the server.</summary>
    private static bool IsSaidOutage(PostgresException exception) =>
        exception.SqlState.StartsWith("57P", StringComparison.Ordinal)
        || exception.SqlState.StartsWith("08", StringComparison.Ordinal)
        || exception.SqlState == PostgresErrorCodes.ReadOnlySqlTransaction
        || IsFullPool(exception);
}

/// <summary>How long an outage of the database is waited out.</summary>
/// <param name="Worker">By a worker: a hosted database restarts well within it.</param>
/// <param name="Person">Where somebody waits for an answer. PgBouncer alone refuses for 15 s after it has lost its server.</param>
/// <param name="Port">Where an address is new, and nobody listens there: most often it is a wrong one, and now and then a restart.</param>
internal sealed record DatabasePatience(TimeSpan Worker, TimeSpan Person, TimeSpan Port)
{
    public static DatabasePatience Default { get; } = new(TimeSpan.FromMinutes(2), TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(3));
}
