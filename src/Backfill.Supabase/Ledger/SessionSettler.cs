using Backfill.Apply;
using Dapper;
using Npgsql;

namespace Backfill.Supabase.Ledger;

/// <summary>Read back, judge, settle: one transaction that names the fence.</summary>
internal sealed class SessionSettler(NpgsqlDataSource dataSource, RunTicket ticket, string observe)
{
    public async Task<BackfillSessionResult> SettleAsync(
        Claim claim, Func<IReadOnlyList<RowFact>, Settlement> decide, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        var rows = await LookAsync(connection, claim, cancellationToken).ConfigureAwait(false);
        if (rows is null)
            return await SettledBeforeAsync(connection, claim, cancellationToken).ConfigureAwait(false);
        var settlement = decide(rows);

        await using var batch = LedgerBatch.On(connection);
        AddAttempts(batch, claim, settlement.Operations);
        AddAfterImages(batch, claim, settlement.AfterImages);
        batch.Add(
            SqlText.Load("Ledger/settle_item"),
            claim.RunId,
            claim.SessionId,
            claim.Fence,
            settlement.Outcome.ToString(),
            SqlValue.Text(settlement.Category?.ToString()),
            SqlValue.Text(settlement.Reason),
            settlement.RowsInserted,
            settlement.RowsUpdated,
            settlement.RowsDeleted);
        batch.Add("commit");
        return await batch.QueryRowAsync(reader => Result(claim, settlement, reader), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A settlement whose answer was lost is found under the same fence; any other claim is not ours.</summary>
    private static async Task<BackfillSessionResult> SettledBeforeAsync(
        NpgsqlConnection connection, Claim claim, CancellationToken cancellationToken)
    {
        await using (var end = LedgerBatch.On(connection).Add("rollback"))
            await end.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        var row = await connection.QuerySingleOrDefaultAsync<SessionRow>(new CommandDefinition(
            SqlText.Load("Ledger/read_settled"),
            new { runId = claim.RunId, sessionId = claim.SessionId, fence = claim.Fence },
            cancellationToken: cancellationToken)).ConfigureAwait(false);
        return row?.ToResult() ?? throw new LeaseLostException(claim);
    }

    public static void AddAttempts(LedgerBatch batch, Claim claim, IReadOnlyList<OperationReport> reports) => batch.Add(
        SqlText.Load("Ledger/write_attempts"),
        claim.RunId,
        claim.SessionId,
        SqlValue.Integers(reports.Select(r => r.Position)),
        SqlValue.Integers(reports.Select(r => r.Attempt)),
        SqlValue.Times(reports.Select(r => r.SentAt)),
        SqlValue.BigInts(reports.Select(r => (long?)r.Duration?.TotalMilliseconds)),
        SqlValue.Integers(reports.Select(r => r.StatusCode)),
        SqlValue.Texts(reports.Select(r => r.Outcome.ToString())),
        SqlValue.Texts(reports.Select(r => r.Category?.ToString())),
        SqlValue.Texts(reports.Select(r => r.Message)),
        SqlValue.Texts(reports.Select(r => r.Reduced)),
        claim.Fence);

    private static void AddAfterImages(LedgerBatch batch, Claim claim, IReadOnlyList<RowFact> images) => batch.Add(
        SqlText.Load("Ledger/write_after_images"),
        claim.RunId,
        claim.SessionId,
        SqlValue.Texts(images.Select(r => r.Table)),
        SqlValue.Texts(images.Select(r => r.Key)),
        SqlValue.Texts(images.Select(r => r.CurrentHash)),
        SqlValue.Texts(images.Select(r => r.CurrentVersion)),
        SqlValue.Texts(images.Select(r => System.Text.Json.JsonSerializer.Serialize(r.Values))));

    private async Task<IReadOnlyList<RowFact>?> LookAsync(
        NpgsqlConnection connection, Claim claim, CancellationToken cancellationToken)
    {
        await using var batch = LedgerBatch.Begin(connection);
        batch.Add(observe, claim.RunId, claim.SessionId, claim.Fence);
        await using var reader = await batch.ReadAsync(cancellationToken).ConfigureAwait(false);
        return await RowFacts.ReadSessionAsync(reader, cancellationToken).ConfigureAwait(false);
    }

    private BackfillSessionResult Result(Claim claim, Settlement settlement, NpgsqlDataReader reader)
    {
        var startedAt = reader.GetFieldValue<DateTimeOffset>(0);
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
            Attempts = (int)reader.GetInt64(2),
            StartedAt = startedAt,
            Duration = reader.GetFieldValue<DateTimeOffset>(1) - startedAt,
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
