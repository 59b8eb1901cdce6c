using System.Management.Automation;
using Backfill.PowerShell.Bases;
using Backfill.PowerShell.Completion;
using Backfill.PowerShell.Parameters;
using Backfill.PowerShell.Selections;
using Backfill.PowerShell.Streams;

namespace Backfill.PowerShell.Cmdlets;

/// <summary>Shows gates as the ledger has them now: criteria, decisions, and whether the decisions are as they were written.</summary>
[Cmdlet(VerbsCommon.Get, "BackfillGate")]
[OutputType(typeof(BackfillGate))]
public sealed class GetBackfillGateCommand : ConnectedCmdlet
{
    private readonly OrderedDictionary<Guid, BackfillConnection> _runs = [];
    private bool _all;

    /// <summary>The runs; by default all of them, newest first.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [RunIdText]
    [ArgumentCompleter(typeof(RunIdCompleter))]
    public Guid[] RunId { get; set; } = [];

    /// <summary>Only this gate. With a run it must be raised.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNull]
    [GateNameText]
    public BackfillGateName? Name { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var connection = OpenConnection(writes: false);
        if (RunId.Length == 0 && MyInvocation.ExpectingInput)
            throw EmptySelection.OfRuns("An input object names no run.");
        _all = RunId.Length == 0;
        foreach (var id in RunId)
            _runs.TryAdd(id, connection);
    }

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        // An empty pipeline shows nothing.
        if (_runs.Count == 0 && !_all)
            return;
        var connection = _all ? OpenConnection(writes: false) : null;
        Work(async (streams, stop) =>
        {
            if (connection is null)
            {
                await ForEachAsync(_runs, streams, run => ShowAsync(run.Value, run.Key, streams, stop), run => run.Key)
                    .ConfigureAwait(false);
                return;
            }

            await foreach (var run in Engine.ListRunsAsync(connection, new RunFilter(), stop).ConfigureAwait(false))
                await ShowAsync(connection, run.RunId, streams, stop).ConfigureAwait(false);
        });
    }

    private async Task ShowAsync(BackfillConnection connection, Guid runId, PipelineStreams streams, CancellationToken stop)
    {
        if (Name is { } name && !_all)
        {
            Show(await Engine.FindGateAsync(connection, runId, name, mustBeRaised: true, stop).ConfigureAwait(false), streams);
            return;
        }

        foreach (var gate in await Engine.ReadGatesAsync(connection, runId, stop).ConfigureAwait(false))
        {
            if (Name is null || gate.Name == Name)
                Show(gate, streams);
        }
    }

    private static void Show(BackfillGate gate, PipelineStreams streams)
    {
        streams.Write(gate);
        if (Engine.FindChainBreak(gate) is { } broken)
            streams.Error(Errors.ErrorRecords.Of(broken));
    }
}
