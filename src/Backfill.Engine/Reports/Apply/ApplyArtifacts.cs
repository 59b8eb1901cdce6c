using Backfill.Engine.Ledger;
using Backfill.Engine.Reports.Files;

namespace Backfill.Engine.Reports.Apply;

/// <summary>Writes the artifacts of the apply phase, all of them from the ledger.</summary>
internal sealed class ApplyArtifacts(
    IRunReader reader,
    RunTicket ticket,
    BackfillRun run,
    ChangeVerification verification,
    IReadOnlyList<BackfillGate> gates,
    string? script,
    IReadOnlyList<string> steps)
{
    public async Task WriteAsync(string outputPath, ArtifactSet files, CancellationToken cancellationToken)
    {
        var logs = Path.Combine(outputPath, ArtifactFolder.Logs);
        var batches = await reader.ReadBatchesAsync(run.RunId, cancellationToken).ConfigureAwait(false);
        if (run.StartedAt is not null)
            await WriteBatchesAsync().ConfigureAwait(false);

        var results = new ExecutionResults(reader, ticket.Plan, run, batches, verification, gates);
        await WriteAsync(Path.Combine(logs, "execution_results.json"), s => results.WriteAsync(s, cancellationToken)).ConfigureAwait(false);
        var undo = script is null ? null : Path.GetRelativePath(outputPath, script).Replace('\\', '/');
        var summary = new ApplySummary(reader, ticket, run, batches, verification, gates, undo, steps);
        await WriteAsync(Path.Combine(outputPath, "backfill_summary.md"), s => summary.WriteAsync(s, cancellationToken))
            .ConfigureAwait(false);

        async Task WriteBatchesAsync()
        {
            var figures = batches.ToDictionary(b => b.BatchId, StringComparer.Ordinal);
            await using var batchLogs = new BatchLogs(reader, run, ticket.Plan);
            foreach (var batch in ticket.Plan.Batches)
            {
                var known = figures.GetValueOrDefault(batch.BatchId) ?? new(batch.BatchId, null, null, 0, 0, 0, 0, 0, 0, 0);
                await WriteAsync(
                    Path.Combine(logs, $"batch_{batch.BatchId}.json"),
                    s => batchLogs.WriteAsync(s, batch, known, cancellationToken)).ConfigureAwait(false);
            }
        }

        // The logs name sessions and say what functions answered: whoever may look into their folder need not read them.
        Task WriteAsync(string path, Func<Stream, Task> write) => files.TryAsync(
            path, () => ArtifactFile.WriteAsync(path, run.RunId, write, cancellationToken, isPrivate: Path.GetDirectoryName(path) == logs));
    }
}
