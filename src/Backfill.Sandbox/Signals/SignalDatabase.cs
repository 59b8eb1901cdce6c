using System.Diagnostics;
using Npgsql;

namespace Backfill.Sandbox.Signals;

/// <summary>Sessions of the superuser that plant signals, each with a connection of its own.</summary>
internal sealed class SignalDatabase(NpgsqlConnectionStringBuilder superuser)
{
    /// <summary>How the sessions are named in <c>pg_stat_activity</c>.</summary>
    public const string ApplicationName = "sandbox signal";

    /// <summary>How long a planting or a clearing waits for the catalog to show it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);

    /// <summary>No timeout ends a session that idles; a lock that somebody else holds is waited for briefly.</summary>
    private readonly NpgsqlConnectionStringBuilder _settings = new(superuser.ConnectionString)
    {
        ApplicationName = ApplicationName,
        Options = "-c lock_timeout=2s -c deadlock_timeout=10ms -c idle_in_transaction_session_timeout=0 -c statement_timeout=0 -c wal_sender_timeout=0",
        Pooling = false,
    };

    public string ConnectionString => _settings.ConnectionString;

    public async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Runs statements in a session of their own, each by itself: some of them refuse a transaction.</summary>
    public async Task RunAsync(CancellationToken cancellationToken, params string[] statements)
    {
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        foreach (var statement in statements) await RunAsync(connection, statement, cancellationToken).ConfigureAwait(false);
    }

    public static async Task RunAsync(NpgsqlConnection connection, string statement, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(statement, connection);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Asks until the answer is true.</summary>
    /// <exception cref="TimeoutException">It never was.</exception>
    public async Task UntilAsync(string question, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var command = new NpgsqlCommand(question, connection);
        command.Parameters.AddRange(parameters);
        for (var since = Stopwatch.GetTimestamp(); ;)
        {
            if (await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is true) return;
            if (Stopwatch.GetElapsedTime(since) > Patience) throw new TimeoutException("The database's catalog does not show it.");
            await Task.Delay(BetweenLooks, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Closes sessions, and waits until the server has ended them: what they held is free then.</summary>
    public async Task EndAsync(IReadOnlyCollection<NpgsqlConnection> sessions)
    {
        var processes =
            sessions.Where(session => session.State == System.Data.ConnectionState.Open).Select(session => session.ProcessID).ToArray();
        foreach (var session in sessions) await session.DisposeAsync().ConfigureAwait(false);
        if (processes.Length == 0) return;

        await UntilAsync(
            "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = ANY ($1))",
            CancellationToken.None,
            new NpgsqlParameter<int[]> { TypedValue = processes }).ConfigureAwait(false);
    }
}
