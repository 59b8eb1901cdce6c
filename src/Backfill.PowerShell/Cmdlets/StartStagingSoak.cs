using System.Management.Automation;
using Backfill.PowerShell.Bases;
using Backfill.PowerShell.Completion;
using Backfill.PowerShell.Errors;
using Backfill.PowerShell.Parameters;
using Backfill.PowerShell.Questions;
using Backfill.PowerShell.Streams;
using Backfill.PowerShell.Views;

namespace Backfill.PowerShell.Cmdlets;

/// <summary>Watches staging over a window, reading only: versions, scores, tokens, conversion. With a run, kept in the ledger.</summary>
[Cmdlet(VerbsLifecycle.Start, "StagingSoak", DefaultParameterSetName = WatchSet, SupportsShouldProcess = true)]
[OutputType(typeof(SoakSample))]
public sealed class StartStagingSoakCommand : ConnectedCmdlet
{
    private const string WatchSet = "Watch";
    private const string BackSet = "LookBack";

    private BackfillConnection? _connection;
    private Guid? _run;

    /// <summary>The run that the soak is for. The same command again goes on in the same window, here or elsewhere.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [RunIdText]
    [ArgumentCompleter(typeof(RunIdCompleter))]
    public Guid? RunId { get; set; }

    /// <summary>How long to watch; 6 h by default.</summary>
    [Parameter(ParameterSetName = WatchSet)]
    [ValidateNotNull]
    [Span]
    [ArgumentCompleter(typeof(SpanCompleter))]
    public TimeSpan? Duration { get; set; }

    /// <summary>From sample to sample; 5 min by default.</summary>
    [Parameter(ParameterSetName = WatchSet)]
    [ValidateNotNull]
    [Span]
    [ArgumentCompleter(typeof(SpanCompleter))]
    public TimeSpan? Interval { get; set; }

    /// <summary>The conversion to reach, from 0 to 1; 0.85 by default.</summary>
    [Parameter]
    [ValidateNotNull]
    public double? Baseline { get; set; }

    /// <summary>So many completed sessions are needed to pass; 40 by default.</summary>
    [Parameter]
    [ValidateNotNull]
    public int? MinimumSample { get; set; }

    /// <summary>Sessions whose tokens are tried each time; 20 by default.</summary>
    [Parameter]
    [ValidateNotNull]
    public int? TokenSample { get; set; }

    /// <summary>How long a completed session may take to be scored; 10 min by default, at most a sixth of the window.</summary>
    [Parameter]
    [ValidateNotNull]
    [Span]
    [ArgumentCompleter(typeof(SpanCompleter))]
    public TimeSpan? GracePeriod { get; set; }

    /// <summary>The engine version in force; by default the run's, or v1.2.1.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? EngineVersion { get; set; }

    /// <summary>The forced-choice version in force; by default the run's, or v1.2.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? FcVersion { get; set; }

    /// <summary>Looks back from now to then instead: one sample, marked retrospective; it raises no gate.</summary>
    [Parameter(ParameterSetName = BackSet, Mandatory = true)]
    [UtcTime]
    public DateTimeOffset Since { get; set; }

    /// <summary>Ends at the first failed check.</summary>
    [Parameter(ParameterSetName = WatchSet)]
    public SwitchParameter StopOnFailure { get; set; }

    /// <summary>So many samples in a row that can't be taken end the soak; 5 by default.</summary>
    [Parameter(ParameterSetName = WatchSet)]
    public int MaxFailedSamples { get; set; } = SoakDefaults.MaxFailedSamples;

    /// <summary>The folder for the report; by default the current one.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? OutputPath { get; set; }

    /// <summary>Where a small JSON text is posted when a person should look; by default BACKFILL_NOTIFY_URI.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? NotifyUri { get; set; }

    /// <inheritdoc/>
    private protected override string? StoppingWord => _run is { } run
        ? $"Stopping. The soak stays open, and its samples are kept. Resume it with: Start-StagingSoak -RunId {run}"
        : "Stopping. This soak is for no run, so it can't be resumed; its report is written.";

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        // A misspelt variable must not become a soak for no run, to be noticed six hours later.
        if (RunId is null && MyInvocation.BoundParameters.ContainsKey(nameof(RunId)))
            throw Nothing("-RunId is null.");
        if (RunId is null && MyInvocation.ExpectingInput)
            throw Nothing("An input object names no run.");
        var connection = OpenConnection(writes: RunId is not null);
        if (_connection is not null && (_connection != connection || _run != RunId))
        {
            throw new BackfillException(
                "SelectionManyRuns",
                BackfillErrorKind.InvalidInput,
                $"Runs {_run} and {RunId} are both selected. Name one of them: a soak watches one target for one run.",
                RunId);
        }

        (_connection, _run) = (connection, RunId);
    }

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        var connection = _connection ?? throw Nothing("Nothing came through the pipeline.");
        var request = Request();
        if (this.IsWhatIf())
            Work((_, stop) => Engine.RequireAsync(connection, request, stop));
        if (!ShouldProcess(connection.ToString(), What(request)))
            return;
        Work(async (streams, stop) =>
        {
            SoakResult end;
            using (var sink = new SoakStreams(streams, connection))
                end = await Engine.SoakAsync(connection, request, sink, stop).ConfigureAwait(false);
            streams.Milestone(ArtifactText.Of(request.OutputPath, end.Artifacts), "ArtifactsWritten");
            if (end.Verdict != SoakVerdict.Pass)
                streams.Warn(Warning(end, connection));
            if (end.Unwritten is { } unwritten)
                streams.Error(ErrorRecords.Of(unwritten));
        });
    }

    private static BackfillException Nothing(string what) => new(
        "SelectionEmpty",
        BackfillErrorKind.InvalidInput,
        $"{what} To soak for no run, leave pipeline and -RunId out.");

    private static string What(SoakRequest request) => request.Since is { } since
        ? FormattableString.Invariant($"Look back to {since.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z, reading only")
        : FormattableString.Invariant($"Soak for {request.Duration ?? SoakDefaults.Duration}, reading only; {(request.RunId is { } run ? $"samples and verdict are kept with run {run}" : "nothing is kept in the ledger")}");

    private static string Warning(SoakResult end, BackfillConnection connection)
    {
        var reason = end.Reason is null ? "" : $" {end.Reason.TrimEnd('.')}.";
        var checks = end.LastSample is not { } last ? "" : string.Join("; ", last.Checks
            .Where(c => c.Status is SoakCheckStatus.Fail or SoakCheckStatus.Inconclusive).Select(c => c.ToString()));
        var next = end.CanGoOn ? $" Resume it in the same window with: Start-StagingSoak -RunId {end.RunId}{connection.GetArgument()}" : "";
        return $"The soak's verdict is {end.Verdict}.{reason}{(checks.Length > 0 ? $" {checks}." : "")}{next}";
    }

    private SoakRequest Request() => new()
    {
        RunId = _run,
        Since = ParameterSetName == BackSet ? Since : null,
        Duration = Duration,
        Interval = Interval,
        Baseline = Baseline,
        MinimumSample = MinimumSample,
        TokenSample = TokenSample,
        GracePeriod = GracePeriod,
        EngineVersion = EngineVersion,
        FcVersion = FcVersion,
        StopOnFailure = StopOnFailure,
        MaxFailedSamples = MaxFailedSamples,
        NotifyUri = NotifyUri ?? Environment.GetEnvironmentVariable("BACKFILL_NOTIFY_URI"),
        OutputPath = OutputPath is null ? FilePaths.Here(SessionState) : FilePaths.Literal(SessionState, OutputPath),
    };
}
