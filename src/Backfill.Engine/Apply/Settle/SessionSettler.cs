using System.Text.Json;
using Backfill.Engine.Apply.Claim;
using Backfill.Engine.Ledger;
using Dapper;
using Npgsql;

namespace Backfill.Engine.Apply.Settle;

/// <summary>One settlement, as it is ordered.</summary>
/// <param name="Claim">The claim.</param>
/// <param name="Traces">Its operations in order.</param>
/// <param name="Foreign">The rows that somebody else has been seen to change.</param>
internal sealed record SettleOrder(ClaimedSession Claim, IReadOnlyList<OperationTrace> Traces, IReadOnlyList<RowFact> Foreign);

/// <summary>Read back, judge, settle: one transaction that names the fences, for one session or for several.</summary>
internal sealed class SessionSettler(WorkerConnections connections, RunTicket ticket, TargetSql sql)
{
    /// <summary>For several claims; waits for none of them.</summary>
    /// <returns>For each order the settled session; null where the claim was not free to be locked, or is no longer held.</returns>
    public async Task<IReadOnlyList<BackfillSessionResult?>> SettleAsync(IReadOnlyList<SettleOrder> orders)
    {
        var source = connections.Source;
        await using var connection = await source.OpenConnectionAsync().ConfigureAwait(false);
        var settled = await SettleAsync(source, connection, sql.Observe.AtOnce, orders, CancellationToken.None).ConfigureAwait(false);
        return [.. orders.Select(o => settled.GetValueOrDefault(o.Claim.SessionId))];
    }

    /// <summary>For one claim, once it is free to be locked.</summary>
    /// <exception cref="LeaseLostException">The claim is no longer ours.</exception>
    public async Task<BackfillSessionResult> SettleAsync(SettleOrder order, CancellationToken cancellationToken)
    {
        var source = connections.Source;
        await using var connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        var settled = await SettleAsync(source, connection, sql.Observe.Waiting, [order], cancellationToken).ConfigureAwait(false);
        return settled.GetValueOrDefault(order.Claim.SessionId)
            ?? await SettledBeforeAsync(connection, order.Claim, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The transaction: it begins with the look that locks the claims, and ends with what is written of them.</summary>
    private async Task<Dictionary<Guid, BackfillSessionResult>> SettleAsync(
        NpgsqlDataSource source,
        NpgsqlConnection connection,
        string observe,
        IReadOnlyList<SettleOrder> orders,
        CancellationToken cancellationToken)
    {
        // Read. Claims are locked in this order.
        var claims = orders.Select(o => o.Claim).OrderBy(c => c.SessionId).ToList();
        await using var look = LedgerBatch.Begin(connection).Frequent(source).Add(
            observe, ticket.RunId, SqlValue.Uuids(claims.Select(c => c.SessionId)), SqlValue.BigInts(claims.Select(c => (long?)c.Fence)));
        var rows = await look.QueryAsync(RowFacts.ReadSessionsAsync, cancellationToken).ConfigureAwait(false);

        // Decide. A session without an entry isn't ours to settle: its claim is locked, or lost.
        var decided = orders.Where(o => rows.ContainsKey(o.Claim.SessionId))
            .Select(o => (o.Claim, Settlement: Decide(o, rows[o.Claim.SessionId]))).ToList();

        // Write.
        await using var write = LedgerBatch.On(connection).Frequent(source);
        if (decided.Count > 0)
            AddSettlements(write, decided);
        write.Add("commit");
        return await write.QueryAsync((reader, token) => ReadAsync(reader, decided, token), cancellationToken).ConfigureAwait(false);
    }

    private Settlement Decide(SettleOrder order, IReadOnlyList<RowFact> rows) => Verifier.Settle(
        order.Traces,
        ticket.Footprint,
        rows,
        ForeignChanges.AtSettlement(order.Traces, ticket.Footprint, rows, order.Foreign));

    private void AddSettlements(LedgerBatch batch, IReadOnlyList<(ClaimedSession Claim, Settlement Settlement)> decided)
    {
        AddAttempts(batch, [.. decided.SelectMany(d => d.Settlement.Operations.Select(r => (d.Claim, r)))]);
        AddAfterImages(batch, [.. decided.SelectMany(d => d.Settlement.AfterImages.Select(r => (d.Claim, r)))]);
        batch.Add(
            SqlText.Load("Apply/Settle/settle_item"),
            ticket.RunId,
            SqlValue.Uuids(decided.Select(d => d.Claim.SessionId)),
            SqlValue.BigInts(decided.Select(d => (long?)d.Claim.Fence)),
            SqlValue.Texts(decided.Select(d => d.Settlement.Outcome.ToString())),
            SqlValue.Texts(decided.Select(d => d.Settlement.Category?.ToString())),
            SqlValue.Texts(decided.Select(d => d.Settlement.Reason)),
            SqlValue.Integers(decided.Select(d => d.Settlement.RowsInserted)),
            SqlValue.Integers(decided.Select(d => d.Settlement.RowsUpdated)),
            SqlValue.Integers(decided.Select(d => d.Settlement.RowsDeleted)));
    }

    private async Task<Dictionary<Guid, BackfillSessionResult>> ReadAsync(
        NpgsqlDataReader reader, IReadOnlyList<(ClaimedSession Claim, Settlement Settlement)> decided, CancellationToken cancellationToken)
    {
        var bySession = decided.ToDictionary(d => d.Claim.SessionId);
        var results = new Dictionary<Guid, BackfillSessionResult>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var (claim, settlement) = bySession[reader.GetGuid(0)];
            results.Add(claim.SessionId, Result(claim, settlement, reader));
        }

        return results;
    }

    /// <summary>A settlement whose answer was lost is found under the same fence; any other claim is not ours.</summary>
    private static async Task<BackfillSessionResult> SettledBeforeAsync(
        NpgsqlConnection connection, ClaimedSession claim, CancellationToken cancellationToken)
    {
        var result = await connection.QuerySingleOrDefaultAsync<BackfillSessionResult>(new CommandDefinition(
            SqlText.Load("Apply/Settle/read_settled"),
            new { runId = claim.RunId, sessionId = claim.SessionId, fence = claim.Fence },
            cancellationToken: cancellationToken)).ConfigureAwait(false);
        return result ?? throw new LeaseLostException(claim);
    }

    public static void AddAttempts(LedgerBatch batch, IReadOnlyList<(ClaimedSession Claim, OperationReport Report)> attempts)
    {
        if (attempts.Count > 0)
            batch.Add(SqlText.Load("Apply/Settle/write_attempts"), [attempts[0].Claim.RunId, .. AttemptValues.Of(attempts)]);
    }

    private void AddAfterImages(LedgerBatch batch, IReadOnlyList<(ClaimedSession Claim, RowFact Row)> images) => batch.Add(
        SqlText.Load("Apply/Settle/write_after_images"),
        ticket.RunId,
        SqlValue.Uuids(images.Select(i => i.Claim.SessionId)),
        SqlValue.Texts(images.Select(i => i.Row.Table)),
        SqlValue.Texts(images.Select(i => i.Row.Key)),
        SqlValue.Texts(images.Select(i => i.Row.CurrentHash)),
        SqlValue.Texts(images.Select(i => i.Row.CurrentVersion)),
        SqlValue.Texts(images.Select(i => JsonSerializer.Serialize(i.Row.Values))));

    private BackfillSessionResult Result(ClaimedSession claim, Settlement settlement, NpgsqlDataReader reader)
    {
        var startedAt = reader.GetFieldValue<DateTimeOffset>(1);
        var operations = ticket.Plan.Batches.First(b => b.BatchId == claim.BatchId).Operations;
        return new()
        {
            RunId = claim.RunId,
            BatchId = claim.BatchId,
            Ordinal = claim.Ordinal,
            SessionId = claim.SessionId,
            Outcome = settlement.Outcome,
            Category = settlement.Category,
            Reason = settlement.Reason,
            Attempts = (int)reader.GetInt64(3),
            StartedAt = startedAt,
            Duration = reader.GetFieldValue<DateTimeOffset>(2) - startedAt,
            RowsInserted = settlement.RowsInserted,
            RowsUpdated = settlement.RowsUpdated,
            RowsDeleted = settlement.RowsDeleted,
            Operations = new([.. settlement.Operations.Select(r => new BackfillOperationResult
            {
                Function = operations.First(o => o.Position == r.Position).Function,
                StatusCode = r.StatusCode,
                Attempts = r.Attempt,
                StartedAt = r.SentAt,
                DurationMs = (long?)r.Duration?.TotalMilliseconds,
                Outcome = r.Outcome,
                Category = r.Category,
                Message = r.Message,
            })]),
        };
    }
}
