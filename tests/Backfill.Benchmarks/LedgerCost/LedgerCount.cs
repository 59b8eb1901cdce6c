using System.Diagnostics;
using System.Text.RegularExpressions;
using Backfill.Benchmarks.Comparison;
using Backfill.Engine.Connections;

namespace Backfill.Benchmarks.LedgerCost;

/// <summary>What the ledger costs a session.</summary>
/// <param name="Sessions">Sessions of the run, all succeeded at the first attempt.</param>
/// <param name="Statements">Statements that the server executed for us, a session; the run's own (freeze, heartbeats, artifacts) included.</param>
/// <param name="RoundTrips">Exchanges with the server, a session.</param>
/// <param name="ByStatement">How often each statement was executed, a session; the most frequent first.</param>
internal sealed record LedgerFigures(
    int Sessions, double Statements, double RoundTrips, IReadOnlyList<KeyValuePair<string, double>> ByStatement);

/// <summary>
/// Counts exactly: statements in the server's own log, which it writes for the ledger's role alone, and round trips by
/// Npgsql's tracing, which begins one activity a command or batch, however many statements that holds.
/// </summary>
internal static partial class LedgerCount
{
    private const int Most = 500;

    public static async Task<LedgerFigures> RunAsync(int sessions)
    {
        await using var target = await BenchTarget.StartAsync(Math.Min(sessions, Most));
        await target.ResetAsync();
        await target.ExecuteAsync("alter role postgres set log_statement = 'all'");
        await target.ExecuteAsync("alter role postgres set log_parameter_max_length = 0");
        // A new connection, for the settings to hold on it.
        var connection = await BenchTarget.ConnectAsync(target.Info, requireLedger: true);
        await using var _ = connection.Target;
        var seen = await LogAsync(target);
        using var trips = new RoundTrips();
        await new GuardedApply(target.Sessions, connection).RunAsync();
        var counted = trips.Count;
        var log = await LogAsync(target);
        var statements = Entry().Matches(log[seen.Length..]).Select(m => StatementNames.Of(m.Groups[1].Value)).ToList();
        double count = target.Sessions.Count;
        return new(
            target.Sessions.Count,
            statements.Count / count,
            counted / count,
            [.. statements.GroupBy(s => s).OrderByDescending(g => g.Count()).Take(12).Select(g => KeyValuePair.Create(g.Key, g.Count() / count))]);
    }

    private static async Task<string> LogAsync(BenchTarget target) =>
        (string)(await target.ScalarAsync("select pg_read_file('log/postgres.log')"))!;

    /// <summary>A logged statement; its further lines begin with a tab.</summary>
    [GeneratedRegex(@" LOG:  (?:execute [^:]+|statement): (.*(?:\n\t.*)*)")]
    private static partial Regex Entry();

    /// <summary>Counts what Npgsql sends.</summary>
    private sealed class RoundTrips : IDisposable
    {
        private readonly ActivityListener _listener;
        private int _count;

        public RoundTrips()
        {
            _listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name == "Npgsql",
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
                ActivityStarted = _ => Interlocked.Increment(ref _count),
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public int Count => _count;

        public void Dispose() => _listener.Dispose();
    }
}
