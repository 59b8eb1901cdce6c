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
    public virtual string? Reason { get; set; }

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
        // What is for good asks by itself, with No as the default.
        if (!IsForGood && !ShouldProcess(places, $"{Verb} {string.Join(", ", _runs.Keys)}"))
            return;
        Work(async (streams, stop) =>
        {
            if (IsForGood)
                await AskAsync(places, streams, stop).ConfigureAwait(false);
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
    private static string Standing(BackfillRun run) => run.ActiveWorkers == 0
        || (run.Intent, run.State) is (BackfillRunIntent.Run, BackfillRunState.Running) or (
            BackfillRunIntent.Suspend, BackfillRunState.Suspended)
        ? $"; it is {run.State}"
        : $"; it is still {run.State}, and its workers obey within two seconds";

    private async Task AskAsync(string places, PipelineStreams streams, CancellationToken stop)
    {
        var lines = new List<string>();
        foreach (var (id, connection) in _runs)
        {
            // What can't obey is refused below; nobody is asked about it.
            var run = await FindAsync(connection, id, stop).ConfigureAwait(false);
            if (run is { State: not (BackfillRunState.Completed or BackfillRunState.Aborted or BackfillRunState.RolledBack) })
            {
                lines.Add(FormattableString.Invariant(
                    $"Run {id} is {run.State}: {run.Total - run.Remaining} of {run.Total} sessions are done, and {run.Remaining} will not be called any more."));
            }
        }

        if (lines.Count == 0)
            return;

        var caption = $"{Verb} {CountText.Of(lines.Count, "run")} on {places}?";
        object target = _runs.Count == 1 ? _runs.GetAt(0).Key : _runs.Keys.ToArray();
        await streams.AskAsync(() => Question.Ask(this, caption, string.Join('\n', lines), target)).ConfigureAwait(false);
    }

    private static async Task<BackfillRun?> FindAsync(BackfillConnection connection, Guid id, CancellationToken stop)
    {
        try
        {
            return await connection.FindRunAsync(id, stop).ConfigureAwait(false);
        }
        catch (BackfillException e) when (e.Kind == BackfillErrorKind.NotFound)
        {
            return null;
        }
    }

    /// <summary>The order for one run.</summary>
    private protected abstract RunOrder Order(Guid runId);

    /// <summary>What else is to be said.</summary>
    private protected virtual void After(BackfillRun run, PipelineStreams streams)
    {
    }
}
