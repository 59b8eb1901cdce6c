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
    string? script)
{
    public async Task WriteAsync(string outputPath, ArtifactSet files, CancellationToken cancellationToken)
    {
        var logs = Path.Combine(outputPath, ArtifactFolder.Logs);
        var batches = await reader.ReadBatchesAsync(run.RunId, cancellationToken).ConfigureAwait(false);
        foreach (var batch in run.StartedAt is null ? [] : ticket.Plan.Batches.AsEnumerable())
        {
            var figures = batches.FirstOrDefault(b => b.BatchId == batch.BatchId)
                ?? new(batch.BatchId, null, null, 0, 0, 0, 0, 0, 0);
            var log = new BatchLog(reader, run.RunId, batch, figures);
            await WriteAsync(Path.Combine(logs, $"batch_{batch.BatchId}.json"), s => log.WriteAsync(s, cancellationToken)).ConfigureAwait(false);
        }

        var results = new ExecutionResults(reader, ticket.Plan, run, batches, verification, gates);
        await WriteAsync(Path.Combine(logs, "execution_results.json"), s => results.WriteAsync(s, cancellationToken)).ConfigureAwait(false);
        var undo = script is null ? null : Path.GetRelativePath(outputPath, script).Replace('\\', '/');
        var summary = new ApplySummary(reader, ticket, run, batches, verification, gates, undo);
        await WriteAsync(Path.Combine(outputPath, "backfill_summary.md"), s => summary.WriteAsync(s, cancellationToken)).ConfigureAwait(false);

        // The logs name sessions and say what functions answered: whoever may look into their folder need not read them.
        Task WriteAsync(string path, Func<Stream, Task> write) => files.TryAsync(
            path, () => ArtifactFile.WriteAsync(path, run.RunId, write, cancellationToken, isPrivate: Path.GetDirectoryName(path) == logs));
    }
}
