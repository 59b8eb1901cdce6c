using Backfill.Engine.Connections;
using Npgsql;
using Polly;

namespace Backfill.Engine.Ledger;

/// <summary>Runs the ledger's operations, each by the policy that its name declares, and tells failures in an operator's words.</summary>
internal sealed class LedgerOperations(NpgsqlDataSource dataSource, PostgresUri where, TimeProvider time)
{
    private readonly ResiliencePipeline _repeats = PassingFailures.Pipeline(time);

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

    private async Task<T> InTransactionAsync<T>(Func<LedgerBatch, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var batch = await LedgerBatch.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
        return await work(batch, cancellationToken).ConfigureAwait(false);
    }
}
