using Backfill.Engine.Ledger;
using Npgsql;
using NpgsqlTypes;

namespace Backfill.Engine.Purge;

/// <summary>Removes runs from the ledger, one transaction for all of them.</summary>
internal sealed class PurgeStore(NpgsqlDataSource dataSource, LedgerOperations operations) : IPurgeStore
{
    public Task<IReadOnlyList<RunToRemove>> LookAsync(PurgeSelection selection, CancellationToken cancellationToken) =>
        operations.SoonAsync(
            async token =>
            {
                await using var connection = await dataSource.OpenConnectionAsync(token).ConfigureAwait(false);
                await using (var begin = LedgerBatch.Begin(connection, $"{LedgerBatch.ReadCommitted} read only").Slow())
                    await begin.ExecuteAsync(token).ConfigureAwait(false);
                var runs = await LookAsync(connection, selection, token).ConfigureAwait(false);
                await CommitAsync(connection, token).ConfigureAwait(false);
                return runs;
            },
            cancellationToken);

    public Task<IReadOnlyList<RunToRemove>> RemoveAsync(IReadOnlyCollection<Guid> runs, CancellationToken cancellationToken)
    {
        IReadOnlyList<RunToRemove> removing = [];
        return operations.SoonAsync(RemoveAsync, cancellationToken);

        async Task<IReadOnlyList<RunToRemove>> RemoveAsync(CancellationToken token)
        {
            try
            {
                var found = await TryRemoveAsync(runs, r => removing = [.. removing.ExceptBy(r.Select(x => x.RunId), x => x.RunId), .. r], token).ConfigureAwait(false);
                // Those that are gone now went with a commit whose answer was lost.
                return [.. removing.ExceptBy(found.Select(r => r.RunId), r => r.RunId), .. found];
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                throw PurgeRules.Busy(
                    runs.Count == 1
                        ? runs.First()
                        : null, "another transaction holds it, a rollback or a decision, and did not end in time", e);
            }
        }
    }

    private async Task<IReadOnlyList<RunToRemove>> TryRemoveAsync(
        IReadOnlyCollection<Guid> ids, Action<IReadOnlyList<RunToRemove>> committing, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using (var locking = LedgerBatch.Begin(connection).Add(Sql("lock_runs"), SqlValue.Uuids(ids)).Unlimited())
            await locking.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        var runs = await LookAsync(connection, new(ids, null), cancellationToken).ConfigureAwait(false);
        foreach (var run in runs)
            PurgeRules.Check(run);
        await using (var plans = LedgerBatch.On(connection).Add(Sql("lock_plans"), SqlValue.Uuids(ids)).Unlimited())
        {
            var hashes = await plans.QueryRowsAsync(r => r.GetString(0), cancellationToken).ConfigureAwait(false);
            // As long as it takes: a long run has millions of rows.
            await using var removing = LedgerBatch.On(connection)
                .Add(Sql("remove_runs"), SqlValue.Uuids(ids))
                .Add(Sql("remove_plans"), SqlValue.Texts(hashes))
                .Unlimited();
            await removing.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        }

        committing(runs);
        await CommitAsync(connection, CancellationToken.None).ConfigureAwait(false);
        return runs;
    }

    private static async Task<IReadOnlyList<RunToRemove>> LookAsync(
        NpgsqlConnection connection, PurgeSelection selection, CancellationToken cancellationToken)
    {
        await using var batch = LedgerBatch.On(connection)
            .Add(
                Sql("look_at_runs"),
                new NpgsqlParameter { Value = (object?)selection.Runs?.ToArray() ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid },
                new NpgsqlParameter { Value = (object?)selection.OlderThan ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Interval })
            .Slow();
        return await batch.QueryRowsAsync(
            r => new RunToRemove(
                r.GetGuid(0),
                Enum.Parse<BackfillRunState>(r.GetString(1)),
                r.GetString(2),
                r.IsDBNull(3) ? null : r.GetFieldValue<DateTimeOffset>(3),
                r.GetInt64(4),
                r.GetInt64(5),
                r.GetInt64(6),
                r.GetInt64(7),
                r.GetInt64(8),
                r.GetInt64(9),
                r.IsDBNull(10) ? null : r.GetString(10)),
            cancellationToken).ConfigureAwait(false);
    }

    private static async Task CommitAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var commit = LedgerBatch.On(connection).Add("commit").Unlimited();
        await commit.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }

    private static string Sql(string name) => SqlText.Load($"Purge/{name}");
}
