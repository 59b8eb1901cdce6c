using System.Management.Automation;
using Backfill.PowerShell.Completion;
using Backfill.PowerShell.Errors;
using Backfill.PowerShell.Parameters;
using Backfill.PowerShell.Questions;
using Backfill.PowerShell.Selections;
using Backfill.PowerShell.Streams;

namespace Backfill.PowerShell.Bases;

/// <summary>A cmdlet that gives runs an order, kept in the ledger with who, when and why.</summary>
public abstract class RunOrderCmdlet : ConnectedCmdlet
{
    private readonly OrderedDictionary<Guid, BackfillConnection> _runs = [];

    /// <summary>The runs.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [RunIdText]
    [ArgumentCompleter(typeof(RunIdCompleter))]
    public Guid[] RunId { get; set; } = [];

    /// <summary>Why; kept in the ledger.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ReasonText]
    public string? Reason { get; set; }

    /// <summary>Emits the run after the order.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>Whether the order can't be taken back: then an empty selection is an error.</summary>
    private protected virtual bool IsForGood => false;

    /// <summary>The order, for the question.</summary>
    private protected abstract string Verb { get; }

    /// <inheritdoc/>
    protected sealed override void OnRecord()
    {
        var connection = OpenConnection(writes: true);
        foreach (var id in RunId)
            _runs.TryAdd(id, connection);
    }

    /// <inheritdoc/>
    protected sealed override void OnEnd()
    {
        if (_runs.Count == 0 && !IsForGood)
        {
            WriteVerbose("Nothing came through the pipeline, so there is no run to steer.");
            return;
        }

        if (_runs.Count == 0)
            throw EmptySelection.OfRuns();
        if (this.IsWhatIf())
        {
            Preview();
            return;
        }

        var places = string.Join(", ", _runs.Values.Distinct());
        if (!ShouldProcess(places, $"{Verb} {string.Join(", ", _runs.Keys)}"))
            return;
        Work(async (streams, stop) =>
        {
            // Told at the very end: with $ErrorActionPreference = 'Stop' the first one would keep the order from the runs after it.
            var refused = new List<ErrorRecord>();
            foreach (var (id, connection) in _runs)
            {
                BackfillRun run;
                try
                {
                    run = await Engine.SteerAsync(connection, Order(id), stop).ConfigureAwait(false);
                }
                catch (BackfillException e) when (e.Kind != BackfillErrorKind.InvalidInput)
                {
                    refused.Add(ErrorRecords.OfOne(e, id));
                    continue;
                }

                streams.Milestone($"Run {id}: {Verb.ToLowerInvariant()}{Standing(run)}.", "RunOrder");
                After(run, streams);
                if (PassThru)
                    streams.Write(run);
            }

            refused.ForEach(streams.Error);
        });
    }

    /// <summary>A line for each run that would obey, and the error of each that wouldn't.</summary>
    private void Preview() => Work(async (streams, stop) =>
    {
        foreach (var (id, connection) in _runs)
        {
            try
            {
                await Engine.RequireAsync(connection, Order(id), stop).ConfigureAwait(false);
                await streams.ShouldProcessAsync(connection.ToString(), $"{Verb} {id}").ConfigureAwait(false);
            }
            catch (BackfillException e) when (e.Kind != BackfillErrorKind.InvalidInput)
            {
                streams.Error(ErrorRecords.OfOne(e, id));
            }
        }
    });

    /// <summary>How far the run is: its workers obey a moment after the order is written.</summary>
    private static string Standing(BackfillRun run) => run.State == run.WantedState || run.ActiveWorkers == 0
        ? $"; it is {run.State}"
        : $"; it is still {run.State}, and its workers obey within two seconds";

    /// <summary>The order for one run.</summary>
    private protected abstract RunOrder Order(Guid runId);

    /// <summary>What else is to be said.</summary>
    private protected virtual void After(BackfillRun run, PipelineStreams streams)
    {
    }
}
