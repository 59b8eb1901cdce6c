using Backfill.Apply;

namespace Backfill.Reports;

/// <summary>Writes the artifacts of the apply phase, all of them from the ledger.</summary>
internal sealed class ApplyArtifacts(IRunReader reader, RunTicket ticket, BackfillRun run, ChangeVerification verification, IReadOnlyList<BackfillGate> gates)
{
    public async Task<IReadOnlyList<string>> WriteAsync(string outputPath, CancellationToken cancellationToken)
    {
        var logs = Path.Combine(outputPath, "backfill_logs");
        var batches = await reader.ReadBatchesAsync(run.RunId, cancellationToken).ConfigureAwait(false);
        var written = new List<string>();
        foreach (var batch in run.StartedAt is null ? [] : ticket.Plan.Batches.AsEnumerable())
        {
            var figures = batches.FirstOrDefault(b => b.BatchId == batch.BatchId)
                ?? new(batch.BatchId, null, null, 0, 0, 0, 0, 0, 0);
            var log = new BatchLog(reader, run.RunId, batch, figures);
            written.Add(await ArtifactFile.WriteAsync(
                Path.Combine(logs, $"batch_{batch.BatchId}.json"),
                run.RunId,
                stream => log.WriteAsync(stream, cancellationToken),
                cancellationToken).ConfigureAwait(false));
        }

        var results = new ExecutionResults(reader, ticket.Plan, run, batches, verification, gates);
        written.Add(await ArtifactFile.WriteAsync(
            Path.Combine(logs, "execution_results.json"),
            run.RunId,
            stream => results.WriteAsync(stream, cancellationToken),
            cancellationToken).ConfigureAwait(false));
        var script = Path.GetRelativePath(outputPath, RollbackFile.PathOf(outputPath, run, new(run.RunId))).Replace('\\', '/');
        var summary = new ApplySummary(reader, ticket, run, batches, verification, gates, script);
        written.Add(await ArtifactFile.WriteAsync(
            Path.Combine(outputPath, "backfill_summary.md"),
            run.RunId,
            stream => summary.WriteAsync(stream, cancellationToken),
            cancellationToken).ConfigureAwait(false));
        return written;
    }
}
