using Backfill.PowerShell.Isolation;

namespace Backfill.PowerShell.Selections;

/// <summary>Finds the run that an operator means.</summary>
internal static class RunLookup
{
    /// <summary>A run by its id.</summary>
    /// <exception cref="BackfillException"><c>RunNotFound</c>.</exception>
    public static async Task<BackfillRun> FindRunAsync(
        this BackfillConnection connection, Guid runId, CancellationToken cancellationToken) =>
        await FirstAsync(connection, new RunFilter(runId), cancellationToken).ConfigureAwait(false)
        ?? throw new BackfillException(
            "RunNotFound",
            BackfillErrorKind.NotFound,
            $"There is no run {runId} in the ledger of {connection}. Get-BackfillRun lists its runs.",
            runId);

    /// <summary>The newest run.</summary>
    /// <exception cref="BackfillException"><c>RunNotFound</c>.</exception>
    public static async Task<BackfillRun> FindLatestRunAsync(
        this BackfillConnection connection, CancellationToken cancellationToken) =>
        await FirstAsync(connection, new RunFilter(Latest: true), cancellationToken).ConfigureAwait(false)
        ?? throw new BackfillException(
            "RunNotFound",
            BackfillErrorKind.NotFound,
            $"The ledger of {connection} holds no run yet. Invoke-BackfillApply starts one.");

    private static async Task<BackfillRun?> FirstAsync(
        BackfillConnection connection, RunFilter filter, CancellationToken cancellationToken)
    {
        await foreach (var run in EngineGateway.Engine.ListRunsAsync(connection, filter, cancellationToken).ConfigureAwait(false))
            return run;
        return null;
    }
}
