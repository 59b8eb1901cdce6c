using System.Data.Common;
using System.Runtime.CompilerServices;
using Backfill.Engine.Connections;
using Backfill.Engine.Connections.Settings;
using Dapper;
using Npgsql;
using Polly;

namespace Backfill.Engine.Ledger;

/// <summary>Runs what is asked of the ledger, each by the policy in its name, and tells failures in an operator's words.</summary>
internal sealed class LedgerOperations(NpgsqlDataSource dataSource, PostgresUri where, TimeProvider time)
{
    /// <summary>Somebody waits for what is read; PgBouncer alone refuses for 15 s after it has lost its server.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ResiliencePipeline _repeats = PassingFailures.Pipeline(time);

    private readonly ResiliencePipeline _opening = PassingFailures.Pipeline(time, Patience);

    /// <summary>For what an operator waits for, or what is no use when it comes late: a failure is told at once.</summary>
    public Task<T> OnceAsync<T>(Func<Task<T>> work) => DatabaseErrors.GuardAsync(where, work);

    /// <summary>The same as a transaction.</summary>
    public Task<T> OnceAsync<T>(Func<LedgerBatch, Task<T>> work, CancellationToken cancellationToken) =>
        OnceAsync(() => InTransactionAsync((batch, _) => work(batch), cancellationToken));

    /// <summary>For what can be said again without harm: it is, through a restart of the database.</summary>
    public Task<T> AgainAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken) => OnceAsync(
        async () => await _repeats.ExecuteAsync(
            async token => await work(token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false));

    /// <summary>The same as a transaction.</summary>
    public Task<T> AgainAsync<T>(Func<LedgerBatch, CancellationToken, Task<T>> work, CancellationToken cancellationToken) =>
        AgainAsync(token => InTransactionAsync(work, token), cancellationToken);

    /// <summary>For rows that come one by one: a connection is waited for, and what fails after the first row is told at once.</summary>
    public async IAsyncEnumerable<T> StreamAsync<T>(
        string statement,
        object?[] values,
        Func<DbDataReader, Func<DbDataReader, T>>? parser,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var connection = await OnceAsync(
            async () => await _opening.ExecuteAsync(OpenAsync, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        await using var batch = LedgerBatch.ByIndex(connection).Slow().Add(SqlText.Load(statement), values);
        await using var rows = batch.StreamAsync(parser, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await NextAsync(rows).ConfigureAwait(false))
            yield return rows.Current;
    }

    private async ValueTask<bool> NextAsync<T>(IAsyncEnumerator<T> rows)
    {
        try
        {
            return await rows.MoveNextAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (DatabaseErrors.Of(e, where) is { } error)
        {
            throw error;
        }
    }

    private async Task<T> InTransactionAsync<T>(Func<LedgerBatch, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var batch = await LedgerBatch.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
        return await work(batch, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A pooled connection may have died with the server it led to.</summary>
    private async ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = await dataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await connection.ExecuteAsync(new CommandDefinition("select 1", cancellationToken: cancellationToken)).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
