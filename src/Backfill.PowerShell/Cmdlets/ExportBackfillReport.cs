using System.Management.Automation;
using Backfill.PowerShell.Bases;
using Backfill.PowerShell.Completion;
using Backfill.PowerShell.Parameters;
using Backfill.PowerShell.Selections;
using Backfill.PowerShell.Streams;

namespace Backfill.PowerShell.Cmdlets;

/// <summary>Writes a run as one HTML file that needs nothing beside it. Reads the target only.</summary>
[Cmdlet(VerbsData.Export, "BackfillReport", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class ExportBackfillReportCommand : ConnectedCmdlet
{
    private readonly OrderedDictionary<Guid, BackfillConnection> _runs = [];

    /// <summary>The runs; by default the newest one.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [RunIdText]
    [ArgumentCompleter(typeof(RunIdCompleter))]
    public Guid[] RunId { get; set; } = [];

    /// <summary>The file, or a folder that is there; by default <c>backfill_report_&lt;run id&gt;.html</c> in the current folder.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Emits the file.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var connection = OpenConnection(writes: false);
        // Sessions and gates of a run name it, too: it is written once.
        if (RunId.Length == 0 && MyInvocation.ExpectingInput)
            throw EmptySelection.OfRuns("An input object names no run.");
        foreach (var id in RunId)
            _runs.TryAdd(id, connection);
    }

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        // An empty pipeline exports nothing, and never the newest run.
        if (_runs.Count == 0 && MyInvocation.ExpectingInput)
            return;
        var place = Path is null ? FilePaths.Here(SessionState) : FilePaths.Literal(SessionState, Path);
        var isFolder = Path is null || Directory.Exists(place) || System.IO.Path.EndsInDirectorySeparator(Path);
        if (_runs.Count > 1 && !isFolder)
        {
            throw new BackfillException(
                "ReportNeedsFolder",
                BackfillErrorKind.InvalidInput,
                $"{_runs.Count} runs can't share the file '{place}'. Give a folder that is there as -Path, or one run.",
                place);
        }

        var latest = _runs.Count == 0 ? OpenConnection(writes: false) : null;
        Work(async (streams, stop) =>
        {
            if (latest is not null)
                _runs.Add((await latest.FindLatestRunAsync(stop).ConfigureAwait(false)).RunId, latest);
            await ForEachAsync(
                _runs,
                streams,
                run => WriteAsync(
                    run.Value, run.Key, isFolder ? System.IO.Path.Combine(place, $"backfill_report_{run.Key}.html") : place, streams, stop),
                run => run.Key).ConfigureAwait(false);
        });
    }

    private async Task WriteAsync(BackfillConnection connection, Guid runId, string path, PipelineStreams streams, CancellationToken stop)
    {
        await connection.FindRunAsync(runId, stop).ConfigureAwait(false);
        if (!await streams.ShouldProcessAsync(path, $"Write the report of run {runId}").ConfigureAwait(false))
            return;
        streams.Explain($"Report of run {runId} on {connection}.");
        var written = await Engine.ExportReportAsync(connection, runId, path, stop).ConfigureAwait(false);
        streams.Milestone($"The report of run {runId} is {written}.", "ReportWritten");
        if (PassThru)
            streams.Write(new FileInfo(written));
    }
}
