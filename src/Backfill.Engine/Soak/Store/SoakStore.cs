using Backfill.Engine.Ledger;

namespace Backfill.Engine.Soak.Store;

/// <summary>Soaks in the ledger.</summary>
internal sealed class SoakStore(LedgerOperations operations) : ISoakStore
{
    public Task<SoakTicket> OpenAsync(SoakOrder order, CancellationToken cancellationToken) => operations.SoonAsync(
        async (batch, token) =>
        {
            var settings = order.Settings;
            // An insert makes no result of its own, so the ticket's row comes first.
            batch.Add(
                    SqlText.Load("Soak/Store/begin_soak"),
                    order.SoakId,
                    order.RunId,
                    order.Start,
                    order.Start + settings.Duration,
                    settings.Interval,
                    SoakRows.Write(settings),
                    order.Operator)
                .Add(SqlText.Load("Soak/Store/read_begun_soak"), order.RunId, order.SoakId);
            return await batch.QueryRowOrNullAsync(SoakRows.ReadTicket, token).ConfigureAwait(false)
                ?? throw new BackfillException(
                    "RunNotFound",
                    BackfillErrorKind.NotFound,
                    $"There is no run {order.RunId} in the ledger. Get-BackfillRun lists its runs.",
                    order.RunId);
        },
        cancellationToken);

    public Task<SoakTicket?> FindLatestAsync(Guid runId, CancellationToken cancellationToken) => operations.SoonAsync(
        (batch, token) => batch.Add(SqlText.Load("Soak/Store/read_latest_soak"), runId).QueryRowOrNullAsync(SoakRows.ReadTicket, token),
        cancellationToken);

    public Task<IReadOnlyList<SoakSample>> ReadAsync(SoakTicket soak, int after, CancellationToken cancellationToken) =>
        operations.SoonAsync(
        (batch, token) => batch.Add(SqlText.Load("Soak/Store/read_samples"), soak.SoakId, after)
            .QueryRowsAsync(r => SoakRows.ReadSample(r, soak), token),
        cancellationToken);

    public Task<bool> AddAsync(SoakTicket soak, SoakSample sample, SoakEnding? ending, CancellationToken cancellationToken)
    {
        // Tried again after a lost answer, it finds its own sample by this, and never another process's.
        var facts = SoakRows.WriteFacts(sample, Guid.CreateVersion7());
        return operations.SoonAsync(
            (batch, token) =>
            {
                batch.Add(
                    SqlText.Load("Soak/Store/add_sample"),
                    soak.SoakId,
                    sample.Number,
                    sample.At,
                    facts,
                    SoakRows.WriteChecks(sample),
                    sample.Verdict.ToString(),
                    SqlValue.BigInt(sample.CostMs),
                    SqlValue.Integer(sample.Statements));
                if (ending is not null)
                {
                    batch.Add(
                        SqlText.Load("Soak/Store/end_with_sample"),
                        soak.SoakId,
                        sample.Number,
                        ending.Verdict.ToString(),
                        SqlValue.Text(ending.Reason));
                }

                return batch.QueryAsync((reader, read) => reader.ReadAsync(read), token);
            },
            cancellationToken);
    }

    public Task EndAsync(SoakTicket soak, SoakEnding ending, CancellationToken cancellationToken) => operations.SoonAsync(
        (batch, token) =>
            batch.Add(SqlText.Load("Soak/Store/end_soak"), soak.SoakId, ending.Verdict.ToString(), SqlValue.Text(ending.Reason))
            .ExecuteAsync(token),
        cancellationToken);
}
