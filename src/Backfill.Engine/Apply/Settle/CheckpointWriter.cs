using Backfill.Engine.Apply.Claim;
using Backfill.Engine.Ledger;

namespace Backfill.Engine.Apply.Settle;

/// <summary>One checkpoint, as it is ordered.</summary>
internal sealed record CheckpointOrder(ClaimedSession Claim, OperationReport Report, IReadOnlyList<string> Written);

/// <summary>Records attempts and reads their sessions' rows back, in one statement.</summary>
internal sealed class CheckpointWriter(WorkerConnections connections, RunTicket ticket, TargetSql sql)
{
    /// <summary>For several claims; waits for none of them.</summary>
    /// <returns>For each order the session's rows; null where the claim was not free to be locked, or is no longer held.</returns>
    public async Task<IReadOnlyList<IReadOnlyList<RowFact>?>> WriteAsync(IReadOnlyList<CheckpointOrder> orders)
    {
        var rows = await WriteAsync(sql.Checkpoint.AtOnce, orders, CancellationToken.None).ConfigureAwait(false);
        return [.. orders.Select(o => rows.GetValueOrDefault(o.Claim.SessionId))];
    }

    /// <summary>For one claim, once it is free to be locked.</summary>
    /// <exception cref="LeaseLostException">The claim is no longer ours.</exception>
    public async Task<IReadOnlyList<RowFact>> WriteAsync(CheckpointOrder order, CancellationToken cancellationToken)
    {
        var rows = await WriteAsync(sql.Checkpoint.Waiting, [order], cancellationToken).ConfigureAwait(false);
        return rows.GetValueOrDefault(order.Claim.SessionId) ?? throw new LeaseLostException(order.Claim);
    }

    private async Task<Dictionary<Guid, List<RowFact>>> WriteAsync(
        string statement, IReadOnlyList<CheckpointOrder> orders, CancellationToken cancellationToken)
    {
        // The order in which they are locked.
        var inOrder = orders.OrderBy(o => o.Claim.SessionId).ToList();
        var written = inOrder.SelectMany(o => o.Written.Select(t => (o.Claim.SessionId, Table: t))).ToList();
        await using var batch = await LedgerBatch.OpenAsync(connections.Source, cancellationToken).ConfigureAwait(false);
        batch.Frequent().Add(
            statement,
            [
                ticket.RunId,
                .. AttemptValues.Of([.. inOrder.Select(o => (o.Claim, o.Report))]),
                SqlValue.Uuids(written.Select(w => w.SessionId)),
                SqlValue.Texts(written.Select(w => w.Table)),
            ]);
        return await batch.QueryAsync(RowFacts.ReadSessionsAsync, cancellationToken).ConfigureAwait(false);
    }
}
