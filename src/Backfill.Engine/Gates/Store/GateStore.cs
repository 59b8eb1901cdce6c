using Backfill.Engine.Ledger;
using Npgsql;

namespace Backfill.Engine.Gates.Store;

/// <summary>Gates in the ledger.</summary>
internal sealed class GateStore(NpgsqlDataSource dataSource, LedgerOperations operations, string? profileHash) : IGateStore
{
    private readonly RowComparison _rows = new(dataSource);

    public Task<GateFacts> ReadAsync(Guid runId, CancellationToken cancellationToken) => operations.SoonAsync(
        async token =>
        {
            await using var connection = await BeginAsync("begin isolation level repeatable read read only", token).ConfigureAwait(false);
            var facts = await GateReader.ReadAsync(connection, runId, token).ConfigureAwait(false);
            await CommitAsync(connection, token).ConfigureAwait(false);
            return facts with { Rows = await _rows.ReadAsync(runId, token).ConfigureAwait(false), ProfileHash = profileHash };
        },
        cancellationToken);

    public Task<GateFacts> WriteAsync(Guid runId, Func<GateFacts, GateEntry?> decide, CancellationToken cancellationToken)
    {
        string? written = null;
        return operations.SoonAsync(WriteAsync, cancellationToken);

        async Task<GateFacts> WriteAsync(CancellationToken token)
        {
            // Before the run is locked: a lock on the ledger would hold no row of the live system.
            var rows = await _rows.ReadAsync(runId, token).ConfigureAwait(false);
            await using var connection = await BeginAsync(LedgerBatch.ReadCommitted, token).ConfigureAwait(false);
            await using (var locking = LedgerBatch.On(connection).Slow().Add(SqlText.Load("Apply/Steer/lock_run"), runId))
                await locking.ExecuteAsync(token).ConfigureAwait(false);
            var facts =
                await GateReader.ReadAsync(connection, runId, token).ConfigureAwait(false) with { Rows = rows, ProfileHash = profileHash };
            // A commit whose answer was lost: what was decided is there, and is not decided again.
            if (written is not null && facts.Entries.Any(e => e.Hash == written))
                return facts;
            if (decide(facts) is { } decided)
            {
                var entry = GateChain.Next(decided, facts.Count, facts.Head);
                written = entry.Hash;
                await using var add = LedgerBatch.On(connection).Add(SqlText.Load("Gates/Store/add_entry"), Values(entry));
                await add.ExecuteAsync(token).ConfigureAwait(false);
                facts = facts with { Entries = [.. facts.Entries, entry], Count = entry.Sequence, Head = entry.Hash };
            }

            await CommitAsync(connection, token).ConfigureAwait(false);
            return facts;
        }
    }

    public Task AddHealthAsync(Guid runId, RunHealth health, CancellationToken cancellationToken) => operations.SoonAsync(
        (batch, token) => batch.Add(
            SqlText.Load("Gates/Store/add_health"),
            runId,
            health.Sessions,
            health.NeedingBackfill,
            health.NotBackfillable,
            health.Missing,
            SqlValue.Text(health.Problem),
            SqlValue.Text(profileHash)).ExecuteAsync(token),
        cancellationToken);

    private static object?[] Values(GateEntry entry) =>
    [
        entry.RunId,
        entry.Sequence,
        entry.Gate.ToString(),
        entry.Action.ToString(),
        entry.At,
        entry.PlanHash,
        entry.Evidence,
        entry.EvidenceHash,
        entry.Criteria,
        SqlValue.Text(entry.OtherEvidence),
        entry.Overridden,
        SqlValue.Text(entry.Reason),
        entry.Operator,
        entry.DatabaseRole,
        SqlValue.Text(entry.Approver),
        SqlValue.Time(entry.ExpiresAt),
        SqlValue.Text(entry.UsedFor),
        entry.Previous,
        entry.Hash,
    ];

    private async Task<NpgsqlConnection> BeginAsync(string begin, CancellationToken cancellationToken)
    {
        var connection = await dataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await using var batch = LedgerBatch.Begin(connection, begin).Slow();
            await batch.ExecuteAsync(cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static async Task CommitAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var commit = LedgerBatch.On(connection).Add("commit");
        await commit.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }
}
