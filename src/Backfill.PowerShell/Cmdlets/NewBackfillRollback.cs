using System.Management.Automation;
using Backfill.PowerShell.Bases;
using Backfill.PowerShell.Completion;
using Backfill.PowerShell.Parameters;
using Backfill.PowerShell.Questions;
using Backfill.PowerShell.Selections;

namespace Backfill.PowerShell.Cmdlets;

/// <summary>Writes the undo of a run as an SQL script, for psql and for Supabase's SQL editor, and tells what it would do.</summary>
[Cmdlet(VerbsCommon.New, "BackfillRollback", DefaultParameterSetName = RunSet, SupportsShouldProcess = true)]
[OutputType(typeof(BackfillRollback))]
public sealed class NewBackfillRollbackCommand : RollbackCmdlet
{
    private const string PathSet = "Path";

    private HashSet<Guid>? _named;

    /// <summary>The plan of work that left no images; with <c>-Strategy Timestamp</c> and <c>-After</c>.</summary>
    [Parameter(ParameterSetName = PathSet, Mandatory = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [PathText]
    [ArgumentCompleter(typeof(PlanPathCompleter))]
    public string[] Path { get; set; } = [];

    /// <summary>What it is computed from: images, or, for work that left none, versions and times.</summary>
    [Parameter]
    public BackfillRollbackStrategy Strategy { get; set; }

    /// <summary>The folder whose <c>backfill_logs</c> gets the script; by default the current one.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? OutputPath { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        if (ParameterSetName == RunSet)
        {
            AddRun();
            return;
        }

        if (MyInvocation.ExpectingInput && !IsFromInput(nameof(SessionId)))
            throw RollbackSelections.Nothing("An input object names no session.");
        if (MyInvocation.BoundParameters.ContainsKey(nameof(SessionId)))
            (_named ??= []).UnionWith(SessionId);
        if (_named is { Count: 0 } || _named?.Contains(Guid.Empty) == true)
            throw RollbackSelections.Nothing("The selection names no session, or a -SessionId is null, blank or no session id.");
    }

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        var outputPath = OutputPath is null ? FilePaths.Here(SessionState) : FilePaths.Literal(SessionState, OutputPath);
        if (Strategy == BackfillRollbackStrategy.Timestamp || ParameterSetName == PathSet)
            WriteByTimestamp(outputPath);
        else
            WriteFromImages(outputPath);
    }

    private void WriteFromImages(string outputPath)
    {
        var selection = Selected.ToSelection(After, Before);
        var connection = Selected.Connection;
        if (this.IsWhatIf())
        {
            Work(async (streams, stop) =>
            {
                var look = await Engine.PreviewRollbackAsync(connection, selection, stop).ConfigureAwait(false);
                foreach (var warning in new[] { look.OtherWrites, look.HeldTriggers }.OfType<string>())
                    streams.Warn(warning);
            });
        }

        if (!ShouldProcess(outputPath, $"Write the rollback script of run {selection.RunId}"))
            return;
        Work(async (streams, stop) =>
        {
            var written = await Engine.WriteRollbackAsync(connection, selection, outputPath, stop).ConfigureAwait(false);
            if (written.Busy is { } busy)
                streams.Warn($"The run is not at rest: {busy}. The script would refuse now; write it again when the run has ended.");
            foreach (var warning in written.Warnings)
                streams.Warn(warning);
            var conflicts = written.Rollback.Conflicts ?? 0;
            if (conflicts > 0)
            {
                streams.Warn(
                    $"{CountText.Of(conflicts, "row is", "rows are")} not as the run left {(conflicts == 1 ? "it" : "them")}, "
                    + "so the script would stop and change nothing. ConflictList names them.");
            }

            streams.Write(written.Rollback);
        });
    }

    private void WriteByTimestamp(string outputPath)
    {
        if (Strategy != BackfillRollbackStrategy.Timestamp || After is not { } after)
        {
            throw new BackfillException(
                "TimestampNeedsWindow",
                BackfillErrorKind.InvalidInput,
                "Without images, work is found only by version and time. Give -Strategy Timestamp and -After, and -Before if it ended.",
                null);
        }

        var selection = ParameterSetName == RunSet ? Selected.ToSelection(null, null) : null;
        var connection = selection is null ? OpenConnection(writes: true) : Selected.Connection;
        var file = Path.Length == 0 ? null : OneFile();
        if (this.IsWhatIf())
        {
            Work(async (_, stop) =>
            {
                if (file is not null)
                    Engine.ReadPlan(file).Require();
                else
                    await connection.FindRunAsync(selection!.RunId, stop).ConfigureAwait(false);
            });
        }

        if (!ShouldProcess(outputPath, $"Write a rollback script by version and time, from {after.UtcDateTime:u} on"))
            return;
        Work(async (streams, stop) =>
        {
            var request = new TimestampRollbackRequest(file, selection?.RunId, selection?.Sessions ?? _named, after, Before);
            var written = await Engine.WriteTimestampRollbackAsync(connection, request, outputPath, stop).ConfigureAwait(false);
            streams.Warn(
                "A rollback by version and time can't restore overwritten values, and also deletes what the live system wrote in that window. "
                + "Read the script: it changes nothing until you edit its last line.");
            streams.Write(written);
        });
    }

    private string OneFile()
    {
        var files = Path.SelectMany(p => FilePaths.Find(SessionState, p)).ToList();
        return files is [var one] ? one : throw new BackfillException(
            "PlanNotOne", BackfillErrorKind.InvalidInput, $"-Path must name one plan; {string.Join(", ", Path)} names {files.Count}.", Path);
    }
}
