using System.Management.Automation;
using Backfill.PowerShell.Bases;
using Backfill.PowerShell.Completion;
using Backfill.PowerShell.Parameters;
using Backfill.PowerShell.Selections;
using Backfill.PowerShell.Streams;

namespace Backfill.PowerShell.Cmdlets;

/// <summary>Lists what became of the sessions of a run, in the run's order.</summary>
[Cmdlet(VerbsCommon.Get, "BackfillSessionResult")]
[OutputType(typeof(BackfillSessionResult))]
public sealed class GetBackfillSessionResultCommand : ConnectedCmdlet
{
    /// <summary>The runs; by default the newest one.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [RunIdText]
    [ArgumentCompleter(typeof(RunIdCompleter))]
    public Guid[] RunId { get; set; } = [];

    /// <summary>Only sessions that ended so.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public BackfillOutcome[] Outcome { get; set; } = [];

    /// <summary>Only sessions of these batches; wildcards are allowed.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(BatchIdCompleter))]
    public string[] BatchId { get; set; } = [];

    /// <summary>Only sessions that a rollback took back; with <c>:$false</c>, only those that none did.</summary>
    [Parameter]
    public SwitchParameter RolledBack { get; set; }

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

    private Task WriteAsync(BackfillConnection connection, Guid runId, PipelineStreams streams, CancellationToken stop)
    {
        streams.Explain($"Sessions of run {runId} on {connection}.");
        var batches = Array.ConvertAll(BatchId, b => WildcardPattern.Get(b, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant));
        var isRolledBack = MyInvocation.BoundParameters.ContainsKey(nameof(RolledBack)) ? RolledBack.ToBool() : (bool?)null;
        var outcome = Outcome is [var only] ? only : (BackfillOutcome?)null;
        var results = Engine.ReadResultsAsync(connection, runId, outcome, stop)
            .Where(r => (Outcome.Length == 0 || Outcome.Contains(r.Outcome))
                && (batches.Length == 0 || Array.Exists(batches, b => b.IsMatch(r.BatchId)))
                && (isRolledBack is null || isRolledBack == r.RolledBackAt is not null));
        return streams.WriteAllAsync(results, stop);
    }
}
