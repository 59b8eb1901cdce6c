using System.Management.Automation;
using Backfill.PowerShell.Completion;
using Backfill.PowerShell.Errors;
using Backfill.PowerShell.Parameters;
using Backfill.PowerShell.Streams;

namespace Backfill.PowerShell.Bases;

/// <summary>A cmdlet that reads plan files.</summary>
public abstract class PlanPathCmdlet : AsyncCmdlet
{
    private protected const string PathSet = "Path";
    private protected const string LiteralPathSet = "LiteralPath";

    /// <summary>The plan files; wildcards are expanded.</summary>
    [Parameter(
        ParameterSetName = PathSet, Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [PathText]
    [ArgumentCompleter(typeof(PlanPathCompleter))]
    public string[] Path { get; set; } = [];

    /// <summary>The plan files, by their exact paths.</summary>
    [Parameter(ParameterSetName = LiteralPathSet, Mandatory = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(PlanPathCompleter))]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>What came of reading one file.</summary>
    private protected abstract void Handle(PlanReading reading, PipelineStreams streams);

    /// <inheritdoc/>
    protected sealed override void OnRecord()
    {
        var files = ParameterSetName == LiteralPathSet
            ? LiteralPath.Select(p => FilePaths.Literal(SessionState, p)).ToList()
            : [.. Path.SelectMany(Find)];
        Work((streams, stop) => ForEachAsync(files, streams, file =>
        {
            stop.ThrowIfCancellationRequested();
            Handle(Engine.ReadPlan(file), streams);
            return Task.CompletedTask;
        }));
    }

    /// <summary>The files that a path names. A pattern that fits none keeps the other paths from nothing.</summary>
    private IReadOnlyList<string> Find(string path)
    {
        try
        {
            return FilePaths.Find(SessionState, path);
        }
        catch (PlanException e) when (e.Code == PlanCodes.NotFound)
        {
            WriteError(ErrorRecords.Of(e));
            return [];
        }
    }
}
