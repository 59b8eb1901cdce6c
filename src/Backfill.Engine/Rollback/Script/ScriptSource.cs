using Backfill.Engine.Apply.Freeze;
using Backfill.Engine.Ledger;
using Backfill.Engine.Rollback.Store;
using Npgsql;

namespace Backfill.Engine.Rollback.Script;

/// <summary>What a script is written from: one snapshot of the ledger, read only once the sessions are chosen.</summary>
internal sealed class ScriptSource(RollbackTransaction transaction, RollbackOrder order) : IAsyncDisposable
{
    private Guid RunId => order.Selection.RunId;

    /// <exception cref="BackfillException"><c>RunNotFound</c>, <c>SessionNotInRun</c>.</exception>
    public static async Task<ScriptSource> OpenAsync(NpgsqlDataSource dataSource, RollbackOrder order, CancellationToken cancellationToken)
    {
        var transaction = await RollbackTransaction.BeginSnapshotAsync(dataSource, order, cancellationToken).ConfigureAwait(false);
        var source = new ScriptSource(transaction, order);
        try
        {
            await source.ChooseAsync(cancellationToken).ConfigureAwait(false);
            return source;
        }
        catch
        {
            await source.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async Task<ScriptFacts> ReadFactsAsync(CancellationToken cancellationToken)
    {
        await using var batch = transaction.Batch().Add(SqlText.Load("Rollback/Script/read_facts"), RunId);
        return await batch.QueryRowOrNullAsync(ScriptFacts.Of, cancellationToken).ConfigureAwait(false)
            ?? throw RunFreezer.NotFound(RunId);
    }

    /// <summary>Session, whether it has settled, and the newest rollback that took it in.</summary>
    public Task<CopyRows> CopySessionsAsync(CancellationToken cancellationToken) =>
        CopyAsync("copy_sessions", 3, cancellationToken);

    /// <summary>Table, session, key, before-image, hash of the after-image, and whether the session has settled.</summary>
    public Task<CopyRows> CopyImagesAsync(ScriptFacts facts, CancellationToken cancellationToken) =>
        CopyAsync(facts.Unsettled > 0 ? "copy_images" : "copy_settled_images", 6, cancellationToken);

    public ValueTask DisposeAsync() => transaction.DisposeAsync();

    private async Task ChooseAsync(CancellationToken cancellationToken)
    {
        await transaction.ChooseAsync(locks: false, cancellationToken).ConfigureAwait(false);
        if (await transaction.FindSessionNotInRunAsync(cancellationToken).ConfigureAwait(false) is { } session)
            throw RollbackText.SessionNotInRun(RunId, session);
        await using var batch = transaction.Batch()
            .Add(SqlText.Load("Rollback/Script/shape"))
            .Add(transaction.ImagesSql)
            .Add("analyze pg_temp.backfill_session")
            .Add("set transaction read only");
        await batch.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<CopyRows> CopyAsync(string name, int columns, CancellationToken cancellationToken) => new(
        await transaction.Connection
            .BeginRawBinaryCopyAsync(SqlText.Load($"Rollback/Script/{name}"), cancellationToken).ConfigureAwait(false),
        columns);
}
