using Backfill.Engine.Connections;

namespace Backfill.Engine.Purge;

/// <summary>Removes runs from a ledger. A selection is handled as one: all of it goes, or nothing.</summary>
/// <param name="connection">The target.</param>
public sealed class PurgePhase(BackfillConnection connection)
{
    private readonly IPurgeStore _store = connection.Target.Purges;

    /// <summary>What would go now; changes nothing.</summary>
    /// <param name="selection">Which runs.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>A line a run, oldest first; at least one.</returns>
    /// <exception cref="BackfillException">
    /// <c>SelectionEmpty</c>, <c>SpanNotPositive</c>, <c>RunNotFound</c>, <c>RunNotFinished</c>, <c>RunBusy</c>.
    /// </exception>
    public async Task<IReadOnlyList<RunToRemove>> LookAsync(PurgeSelection selection, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(selection);
        if (selection.Runs is { Count: 0 })
            throw Empty("The selection names no run.");
        if (selection.OlderThan is { } age && age <= TimeSpan.Zero)
        {
            throw new BackfillException(
                "SpanNotPositive", BackfillErrorKind.InvalidInput, "-OlderThan must be over 0: 30d removes what ended more than 30 days ago.", age);
        }

        var runs = await _store.LookAsync(selection, cancellationToken).ConfigureAwait(false);
        var found = runs.Select(r => r.RunId).ToHashSet();
        if (selection.OlderThan is null && selection.Runs!.Where(id => !found.Contains(id)).ToList() is [var missing, ..])
            throw NotFound(missing);
        if (runs.Count == 0)
            throw Empty($"{(selection.Runs is null ? "No finished run" : "None of these runs")} of {connection} ended so long ago.");
        foreach (var run in runs)
            PurgeRules.Check(run);
        return runs;
    }

    /// <summary>Removes what a look has shown.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="cancellationToken">Stops the call; before the commit, nothing has changed then.</param>
    /// <returns>The runs that were removed; those that another removed meanwhile are left out.</returns>
    /// <exception cref="BackfillException"><c>RunNotFinished</c>, <c>RunBusy</c>.</exception>
    public Task<IReadOnlyList<RunToRemove>> RemoveAsync(IReadOnlyCollection<RunToRemove> runs, CancellationToken cancellationToken) =>
        _store.RemoveAsync([.. runs.Select(r => r.RunId)], cancellationToken);

    private static BackfillException Empty(string what) => new(
        "SelectionEmpty",
        BackfillErrorKind.InvalidInput,
        $"{what} Nothing was removed; an empty selection never means all. Get-BackfillRun lists the runs.");

    private BackfillException NotFound(Guid runId) => new(
        "RunNotFound",
        BackfillErrorKind.NotFound,
        $"There is no run {runId} in the ledger of {connection}. Nothing was removed. Get-BackfillRun lists its runs.",
        runId);
}
