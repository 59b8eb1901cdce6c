using System.Runtime.CompilerServices;
using Backfill.Engine.Ledger;

namespace Backfill.TestWorker;

/// <summary>A real reader that names the point at which an artifact is half written.</summary>
internal sealed class WatchedReader(IRunReader real, Points points) : IRunReader
{
    public IAsyncEnumerable<BackfillRun> ListAsync(RunFilter filter, CancellationToken cancellationToken) =>
        real.ListAsync(filter, cancellationToken);

    public IAsyncEnumerable<BackfillSessionResult> ReadSessionsAsync(
        Guid runId, BackfillOutcome? outcome, CancellationToken cancellationToken) =>
        real.ReadSessionsAsync(runId, outcome, cancellationToken);

    public IAsyncEnumerable<BackfillSessionResult> ReadErrorsAsync(Guid runId, CancellationToken cancellationToken) =>
        real.ReadErrorsAsync(runId, cancellationToken);

    public IAsyncEnumerable<BackfillEvent> ReadEventsAsync(Guid? runId, int? last, CancellationToken cancellationToken) =>
        real.ReadEventsAsync(runId, last, cancellationToken);

    public async IAsyncEnumerable<OperationLogEntry> ReadOperationLogAsync(
        Guid runId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var entry in real.ReadOperationLogAsync(runId, cancellationToken).ConfigureAwait(false))
        {
            points.Reach(Points.WhileArtifacts, entry.BatchId);
            yield return entry;
        }
    }

    public Task<IReadOnlyList<BatchFigures>> ReadBatchesAsync(Guid runId, CancellationToken cancellationToken) =>
        real.ReadBatchesAsync(runId, cancellationToken);

    public Task<IReadOnlyList<ActualTableChange>> ReadChangesAsync(Guid runId, CancellationToken cancellationToken) =>
        real.ReadChangesAsync(runId, cancellationToken);

    public Task<IReadOnlyList<RunLabel>> ReadLabelsAsync(IReadOnlyList<string>? states, int most, CancellationToken cancellationToken) =>
        real.ReadLabelsAsync(states, most, cancellationToken);

    public Task<IReadOnlyList<string>> ReadBatchIdsAsync(Guid? runId, CancellationToken cancellationToken) =>
        real.ReadBatchIdsAsync(runId, cancellationToken);
}
