using System.Management.Automation;
using Backfill.PowerShell.Bases;
using Backfill.PowerShell.Completion;
using Backfill.PowerShell.Parameters;
using Backfill.PowerShell.Selections;
using Backfill.PowerShell.Streams;

namespace Backfill.PowerShell.Cmdlets;

/// <summary>Lists the samples of a run's newest soak, as the ledger has them; the last one's verdict is the verdict so far.</summary>
[Cmdlet(VerbsCommon.Get, "StagingSoak")]
[OutputType(typeof(SoakSample))]
public sealed class GetStagingSoakCommand : ConnectedCmdlet
{
    /// <summary>The runs; by default the newest one.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [RunIdText]
    [ArgumentCompleter(typeof(RunIdCompleter))]
    public Guid[] RunId { get; set; } = [];

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var connection = OpenConnection(writes: false);
        Work(async (streams, stop) =>
        {
            await ForEachAsync(RunId.Length == 0 ? [null] : RunId.Cast<Guid?>(), streams, async id =>
            {
                var run = id is { } named
                    ? await connection.FindRunAsync(named, stop).ConfigureAwait(false)
                    : await connection.FindLatestRunAsync(stop).ConfigureAwait(false);
                await WriteAsync(connection, run.RunId, streams, stop).ConfigureAwait(false);
            }).ConfigureAwait(false);
        });
    }

    private static async Task WriteAsync(
        BackfillConnection connection, Guid runId, PipelineStreams streams, CancellationToken stop)
    {
        if (await Engine.ReadSoakAsync(connection, runId, stop).ConfigureAwait(false) is not { } soak)
        {
            streams.Explain($"Run {runId} has not been soaked. Start-StagingSoak -RunId {runId}{connection.GetArgument()} does.");
            return;
        }

        streams.Explain(soak.Verdict is { } verdict
            ? $"The newest soak of run {runId} ended: {verdict}. {soak.Reason}"
            : FormattableString.Invariant($"The soak of run {runId} is open until {soak.WindowEnd.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z."));
        foreach (var sample in soak.Samples)
            streams.Write(sample);
    }
}
