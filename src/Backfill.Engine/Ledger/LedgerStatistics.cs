using Npgsql;

namespace Backfill.Engine.Ledger;

/// <summary>What the planner knows of the runs in a ledger.</summary>
internal static class LedgerStatistics
{
    /// <summary>Has it know them as they are now, before a whole run is read or undone.</summary>
    public static async Task RefreshAsync(NpgsqlDataSource dataSource, CancellationToken cancellationToken)
    {
        try
        {
            await using var batch = await LedgerBatch.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
            await batch.Slow().Add(SqlText.Load("Ledger/analyze")).ExecuteAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (NpgsqlException)
        {
            // It makes faster what comes next. If something is amiss, that says it better.
        }
    }
}
