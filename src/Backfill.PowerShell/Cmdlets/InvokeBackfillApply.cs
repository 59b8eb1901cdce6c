using System.Management.Automation;
using Backfill.PowerShell.Bases;
using Backfill.PowerShell.Completion;
using Backfill.PowerShell.Errors;
using Backfill.PowerShell.Parameters;
using Backfill.PowerShell.Questions;
using Backfill.PowerShell.Selections;
using Backfill.PowerShell.Streams;
using Backfill.PowerShell.Views;

namespace Backfill.PowerShell.Cmdlets;

/// <summary>Applies a plan, or goes on with a run: calls the functions session by session and verifies each effect.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "BackfillApply", DefaultParameterSetName = PlanSet, SupportsShouldProcess = true)]
[OutputType(typeof(BackfillSessionResult))]
[OutputType(typeof(BackfillPlannedCall))]
public sealed class InvokeBackfillApplyCommand : ConnectedCmdlet
{
    private const string PlanSet = "Plan";
    private const string PathSet = "Path";
    private const string RunSet = "Run";

    private readonly ApplySelection _selection = new();
    private HashSet<string> _given = [];
    private string? _howToResume;
    private bool _isWhatIf;

    /// <summary>The plan to apply.</summary>
    [Parameter(ParameterSetName = PlanSet, Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    [NoCopy(typeof(BackfillPlan), "Name the plan's file with -Path, so that what is applied is what the file says now.")]
    public BackfillPlan? Plan { get; set; }

    /// <summary>The plan's file.</summary>
    [Parameter(
        ParameterSetName = PathSet, Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [PathText]
    [ArgumentCompleter(typeof(PlanPathCompleter))]
    public string[] Path { get; set; } = [];

    /// <summary>The run to go on with, or to join.</summary>
    [Parameter(ParameterSetName = RunSet, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [RunIdText]
    [ArgumentCompleter(typeof(RunIdCompleter))]
    public Guid RunId { get; set; }

    /// <summary>Only these sessions of the plan.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowEmptyCollection]
    [SessionIds]
    [ArgumentCompleter(typeof(SessionIdCompleter))]
    public Guid[] SessionId { get; set; } = [];

    /// <summary>The folder for the artifacts; by default the current one.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? OutputPath { get; set; }

    /// <summary>Session attempts a minute; by default the plan's, which can be raised in the sandbox only.</summary>
    [Parameter]
    [ValidateNotNull]
    public int? ThrottlePerMinute { get; set; }

    /// <summary>Sessions in hand at once.</summary>
    [Parameter]
    [ValidateNotNull]
    public int? ConcurrencyLimit { get; set; }

    /// <summary>Which sessions that are settled under the plan are done again.</summary>
    [Parameter]
    public BackfillReprocess Reprocess { get; set; }

    /// <summary>So many attempts that did not go well, with no session done in between, halt the run.</summary>
    [Parameter]
    [ValidateNotNull]
    public int? MaxConsecutiveFailures { get; set; }

    /// <summary>So great a part of failed sessions halts the run, from 0 to 1.</summary>
    [Parameter]
    [ValidateNotNull]
    public double? MaxFailureRatio { get; set; }

    /// <summary>How long after sending a call may still be committed, so that nothing is called again before.</summary>
    [Parameter]
    [ValidateNotNull]
    [Span]
    [ArgumentCompleter(typeof(SpanCompleter))]
    public TimeSpan? QuietPeriod { get; set; }

    /// <summary>When sessions may be begun; no session is begun outside.</summary>
    [Parameter]
    [NotBlank]
    public string? Hours { get; set; }

    /// <summary>After which batch, or how many sessions, the run waits for a review.</summary>
    [Parameter]
    [NotBlank]
    [ArgumentCompleter(typeof(PlanBatchCompleter))]
    public string? ReviewAfter { get; set; }

    /// <summary>What you call the run; shown in lists and reports.</summary>
    [Parameter]
    [NotBlank]
    public string? Name { get; set; }

    /// <summary>The ticket or change that the run belongs to.</summary>
    [Parameter]
    [NotBlank]
    public string? Ticket { get; set; }

    /// <summary>Where a small JSON text is posted when a person should look; by default BACKFILL_NOTIFY_URI.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? NotifyUri { get; set; }

    /// <inheritdoc/>
    private protected override string? StoppingWord => _isWhatIf ? null : ApplyStreams.StoppingWord;

    /// <inheritdoc/>
    protected override void OnBegin() => _given = [.. MyInvocation.BoundParameters.Keys];

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        if (MyInvocation.ExpectingInput && !IsBoundByInput(nameof(Plan), nameof(Path), nameof(RunId), nameof(SessionId)))
            throw ApplySelection.Empty("An input object names neither a plan, nor a run, nor a session.");
        var connection = OpenConnection(writes: true);
        var sessions = MyInvocation.BoundParameters.ContainsKey(nameof(SessionId)) ? SessionId : null;
        foreach (var target in Targets(connection))
            _selection.Add(target, sessions);
    }

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        var targets = _selection.Targets.ToList();
        var outputPath = OutputPath is null ? FilePaths.Here(SessionState) : FilePaths.Literal(SessionState, OutputPath);
        _isWhatIf = this.IsWhatIf();
        WorkAndSayHowToResume(async (streams, stop) =>
        {
            for (var i = 0; i < targets.Count; i++)
            {
                var (target, sessions) = targets[i];
                var plan = target.Plan ?? (target.Path is null ? null : Read(target.Path, streams));
                var request = new ApplyRequest
                {
                    Plan = plan,
                    RunId = target.RunId,
                    Selected = sessions,
                    ThrottlePerMinute = ThrottlePerMinute,
                    ConcurrencyLimit = ConcurrencyLimit,
                    Reprocess = Reprocess,
                    MaxConsecutiveFailures = MaxConsecutiveFailures,
                    MaxFailureRatio = MaxFailureRatio,
                    QuietPeriod = QuietPeriod,
                    Hours = Hours,
                    ReviewAfter = ReviewAfter?.Trim(),
                    Name = Name,
                    Ticket = Ticket,
                    NotifyUri = NotifyUri ?? Environment.GetEnvironmentVariable("BACKFILL_NOTIFY_URI"),
                    OutputPath = outputPath,
                };
                if (_isWhatIf)
                    await PreviewAsync(target.Connection, request, streams, stop).ConfigureAwait(false);
                else if (!await RunAsync(target, request, targets[(i + 1)..], streams, stop).ConfigureAwait(false))
                    return;
            }
        });
    }

    /// <summary>After Ctrl+C nothing goes through the pipeline, so how to resume is written to the screen.</summary>
    private void WorkAndSayHowToResume(Func<PipelineStreams, CancellationToken, Task> work)
    {
        try
        {
            Work(work);
        }
        catch (PipelineStoppedException) when (_howToResume is not null)
        {
            Host.UI?.WriteWarningLine(_howToResume);
            throw;
        }
    }

    private static async Task PreviewAsync(
        BackfillConnection connection, ApplyRequest request, PipelineStreams streams, CancellationToken stop)
    {
        var preview = await Engine.PreviewApplyAsync(connection, request, stop).ConfigureAwait(false);
        foreach (var warning in preview.Warnings)
            streams.Warn(warning);
        foreach (var batch in preview.Batches)
            await streams.ShouldProcessAsync(batch, batch, "Backfill").ConfigureAwait(false);
        foreach (var call in preview.Calls)
            streams.Write(call);
    }

    /// <summary>Whether the next one may begin: not after a run that was stopped, or whose files have no place.</summary>
    private async Task<bool> RunAsync(
        ApplyTarget target,
        ApplyRequest request,
        IReadOnlyCollection<KeyValuePair<ApplyTarget, HashSet<Guid>?>> next,
        PipelineStreams streams,
        CancellationToken stop)
    {
        var run = target.RunId is { } id ? await target.Connection.FindRunAsync(id, stop).ConfigureAwait(false) : null;
        var what = run is not null ? $"Resume run {run}"
            : request.Selected is { } some ? FormattableString.Invariant($"Apply {some.Count} of the sessions of plan {request.Plan}")
            : $"Apply plan {request.Plan}";
        if (!await streams.ShouldProcessAsync(target.Connection.ToString(), what).ConfigureAwait(false))
            return true;
        var sink = new ApplyStreams(streams, target.Connection);
        var end = await Engine.ApplyAsync(target.Connection, request, sink, stop).ConfigureAwait(false);
        var isStopped = end.Unwritten is not null
            || end.Run.State is BackfillRunState.Halted or BackfillRunState.Suspended or BackfillRunState.Paused or BackfillRunState.Aborted;
        var warnings = new[]
        {
            RunErrors.WarningOf(end),
            isStopped && next.Count > 0 ? $"Not begun, because run {end.Run.RunId} is {end.Run.State}{(end.Unwritten is null ? "" : " and files of it could not be written")}: {string.Join(", ", next.Select(n => n.Key))}." : null,
        }.OfType<string>().ToList();
        _howToResume = end.Run.State is BackfillRunState.Paused or BackfillRunState.Suspended ? string.Join(' ', warnings) : null;
        sink.End();
        streams.Milestone(ArtifactText.Of(request.OutputPath, end.Artifacts), "ArtifactsWritten");
        warnings.ForEach(streams.Warn);
        if (end.Unwritten is { } unwritten)
            streams.Error(ErrorRecords.Of(unwritten));
        if (RunErrors.Of(end) is { } error)
            streams.Error(error);
        return !isStopped;
    }

    private static BackfillPlan Read(string path, PipelineStreams streams)
    {
        var plan = Engine.ReadPlan(path).Require();
        foreach (var warning in plan.Warnings)
            streams.Warn($"{plan.Path}, {warning}");
        return plan;
    }

    private IEnumerable<ApplyTarget> Targets(BackfillConnection connection) => ParameterSetName switch
    {
        PathSet => Path.SelectMany(p => FilePaths.Find(SessionState, p)).Select(p => new ApplyTarget(connection, null, p, null)),
        RunSet => [new(connection, null, null, RunId)],
        _ => [new(connection, Plan, null, null)],
    };

    private bool IsBoundByInput(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (!_given.Contains(name) && MyInvocation.BoundParameters.ContainsKey(name))
                return true;
        }

        return false;
    }
}
