using Backfill.Engine.Connections;
using Backfill.Engine.Ledger;
using Npgsql;

namespace Backfill.Engine.Soak.Store;

/// <summary>Soaks in the ledger.</summary>
internal sealed class SoakStore(NpgsqlDataSource dataSource, PostgresUri where) : ISoakStore
{
    public Task<SoakTicket> OpenAsync(SoakOrder order, CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        var settings = order.Settings;
        await using var batch = await LedgerBatch.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
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
        return await batch.QueryRowOrNullAsync(SoakRows.ReadTicket, cancellationToken).ConfigureAwait(false)
            ?? throw new BackfillException(
                "RunNotFound",
                BackfillErrorKind.NotFound,
                $"There is no run {order.RunId} in the ledger. Get-BackfillRun lists its runs.",
                order.RunId);
    });

    public Task<SoakTicket?> FindLatestAsync(Guid runId, CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        await using var batch = await LedgerBatch.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
        batch.Add(SqlText.Load("Soak/Store/read_latest_soak"), runId);
        return await batch.QueryRowOrNullAsync(SoakRows.ReadTicket, cancellationToken).ConfigureAwait(false);
    });

    public Task<IReadOnlyList<SoakSample>> ReadAsync(SoakTicket soak, int after, CancellationToken cancellationToken) =>
        GuardAsync<IReadOnlyList<SoakSample>>(async () =>
        {
            await using var batch = await LedgerBatch.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
            batch.Add(SqlText.Load("Soak/Store/read_samples"), soak.SoakId, after);
            return await batch.QueryAsync(
                async (reader, token) =>
                {
                    var samples = new List<SoakSample>();
                    while (await reader.ReadAsync(token).ConfigureAwait(false))
                        samples.Add(SoakRows.ReadSample(reader, soak));
                    return samples;
                },
                cancellationToken).ConfigureAwait(false);
        });

    public Task<bool> AddAsync(SoakTicket soak, SoakSample sample, SoakEnding? ending, CancellationToken cancellationToken) =>
        GuardAsync(async () =>
        {
            await using var batch = await LedgerBatch.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
            batch.Add(
                SqlText.Load("Soak/Store/add_sample"),
                soak.SoakId,
                sample.Number,
                sample.At,
                SoakRows.WriteFacts(sample),
                SoakRows.WriteChecks(sample),
                sample.Verdict.ToString(),
                SqlValue.BigInt(sample.CostMs),
                SqlValue.Integer(sample.Statements));
            if (ending is not null)
            {
                batch.Add(
                    SqlText.Load("Soak/Store/end_with_sample"), soak.SoakId, sample.Number, ending.Verdict.ToString(), SqlValue.Text(ending.Reason));
            }

            return await batch.QueryAsync((reader, token) => reader.ReadAsync(token), cancellationToken).ConfigureAwait(false);
        });

    public Task EndAsync(SoakTicket soak, SoakEnding ending, CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        await using var batch = await LedgerBatch.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
        batch.Add(SqlText.Load("Soak/Store/end_soak"), soak.SoakId, ending.Verdict.ToString(), SqlValue.Text(ending.Reason));
        await batch.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        return true;
    });

    private Task<T> GuardAsync<T>(Func<Task<T>> work) => DatabaseErrors.GuardAsync(where, work);
}
