using System.Management.Automation;
using Backfill.PowerShell.Pipeline;

namespace Backfill.PowerShell.Cmdlets;

/// <summary>Lists what became of the sessions of a run, in the run's order.</summary>
[Cmdlet(VerbsCommon.Get, "BackfillSessionResult")]
[OutputType(typeof(BackfillSessionResult))]
public sealed class GetBackfillSessionResultCommand : ConnectedCmdlet
{
    /// <summary>The runs; by default the newest one.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public Guid[] RunId { get; set; } = [];

    /// <summary>Only sessions that ended so.</summary>
    [Parameter]
    public BackfillOutcome[] Outcome { get; set; } = [];

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var connection = OpenConnection(writes: false);
        Work(async (streams, stop) =>
        {
            if (RunId.Length == 0)
            {
                var latest = await connection.FindLatestRunAsync(stop).ConfigureAwait(false);
                await WriteAsync(connection, latest.RunId, streams, stop).ConfigureAwait(false);
            }

            foreach (var id in RunId)
            {
                var run = await connection.FindRunAsync(id, stop).ConfigureAwait(false);
                await WriteAsync(connection, run.RunId, streams, stop).ConfigureAwait(false);
            }
        });
    }

    private Task WriteAsync(BackfillConnection connection, Guid runId, PipelineStreams streams, CancellationToken stop)
    {
        streams.Explain($"Sessions of run {runId} on {connection}.");
        var outcome = Outcome is [var only] ? only : (BackfillOutcome?)null;
        var results = connection.Target.Runs.ReadSessionsAsync(runId, outcome, stop)
            .Where(r => Outcome.Length == 0 || Outcome.Contains(r.Outcome));
        return streams.WriteAllAsync(results, stop);
    }
}
