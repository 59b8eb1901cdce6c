using System.Management.Automation;
using Backfill.PowerShell.Bases;
using Backfill.PowerShell.Completion;
using Backfill.PowerShell.Parameters;
using Backfill.PowerShell.Questions;

namespace Backfill.PowerShell.Cmdlets;

/// <summary>Removes runs that have ended from the ledger: their images, which are their undo, their calls, decisions and soaks.</summary>
[Cmdlet(VerbsCommon.Remove, "BackfillRun", DefaultParameterSetName = AgeSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
public sealed class RemoveBackfillRunCommand : ConnectedCmdlet
{
    private const string RunSet = "Run";
    private const string AgeSet = "Age";

    private readonly HashSet<Guid> _runs = [];
    private BackfillConnection? _connection;

    /// <summary>The runs.</summary>
    [Parameter(ParameterSetName = RunSet, Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [RunIdText]
    [ArgumentCompleter(typeof(RunIdCompleter))]
    public Guid[] RunId { get; set; } = [];

    /// <summary>Only runs that ended so long ago, for example <c>30d</c>; without <see cref="RunId"/>, all of them.</summary>
    [Parameter(ParameterSetName = RunSet)]
    [Parameter(ParameterSetName = AgeSet, Mandatory = true)]
    [Span]
    [ArgumentCompleter(typeof(SpanCompleter))]
    public TimeSpan? OlderThan { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        if (ParameterSetName == AgeSet && MyInvocation.ExpectingInput)
            throw Nothing("An input object names no run.");
        var connection = OpenConnection(writes: true);
        if (_connection is { } first && first.Fingerprint != connection.Fingerprint)
        {
            throw new BackfillException(
                "SelectionManyTargets",
                BackfillErrorKind.InvalidInput,
                $"The runs lie on several targets: {first} and {connection}. Remove those of one at a time.",
                connection);
        }

        _connection = connection;
        _runs.UnionWith(RunId);
    }

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        var connection = _connection ?? throw Nothing("Nothing came through the pipeline, so no run is selected.");
        var selection = new PurgeSelection(ParameterSetName == AgeSet ? null : _runs, OlderThan);
        var isWhatIf = this.IsWhatIf();
        Work(async (streams, stop) =>
        {
            var shown = await Engine.PreviewRemovalAsync(connection, selection, stop).ConfigureAwait(false);
            if (isWhatIf)
            {
                foreach (var run in shown)
                    await streams.ShouldProcessAsync($"Remove from {connection}. {PurgeWords.Line(run)}", PurgeWords.Line(run), "Remove")
                        .ConfigureAwait(false);
                return;
            }

            await streams.AskAsync(() => Question.Ask(this, PurgeWords.Caption(shown, connection), PurgeWords.Message(shown), Target(shown))).ConfigureAwait(false);
            var removed = await Engine.RemoveRunsAsync(connection, shown, stop).ConfigureAwait(false);
            foreach (var gone in shown.ExceptBy(removed.Select(r => r.RunId), r => r.RunId))
                streams.Warn($"Run {gone.RunId} was already removed by someone else.");
            foreach (var run in removed)
                streams.Explain($"Removed from {connection}. {PurgeWords.Line(run)}");
            streams.Milestone($"{CountText.Of(removed.Count, "run")} removed from the ledger of {connection}.", "RunsRemoved");
        });
    }

    private static object Target(IReadOnlyList<RunToRemove> runs) => runs is [var one] ? one.RunId : runs.Select(r => r.RunId).ToArray();

    private static BackfillException Nothing(string what) => new(
        "SelectionEmpty",
        BackfillErrorKind.InvalidInput,
        $"{what} Nothing was removed; an empty selection never means all: name runs with -RunId, or their age with -OlderThan alone.");
}
