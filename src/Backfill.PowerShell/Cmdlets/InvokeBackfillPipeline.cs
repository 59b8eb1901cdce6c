using System.Management.Automation;
using Backfill.PowerShell.Bases;
using Backfill.PowerShell.Completion;
using Backfill.PowerShell.Connections;
using Backfill.PowerShell.Parameters;
using Backfill.PowerShell.Questions;
using Backfill.PowerShell.Streams;

namespace Backfill.PowerShell.Cmdlets;

/// <summary>
/// Runs apply, soak and production health up to the next closed gate, and says what to review and which command goes on. Called
/// again it goes on from there: where it stands is what the ledger says.
/// </summary>
[Cmdlet(VerbsLifecycle.Invoke, "BackfillPipeline", SupportsShouldProcess = true)]
[OutputType(typeof(BackfillPipelineStep))]
public sealed class InvokeBackfillPipelineCommand : ConnectedCmdlet
{
    /// <summary>The staging plan's file.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [PathText]
    [ArgumentCompleter(typeof(PlanPathCompleter))]
    public string[] Path { get; set; } = [];

    /// <summary>The folder for the artifacts; by default the current one.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? OutputPath { get; set; }

    /// <summary>The connection to production, for the last phase; it reads only. Without it the pipeline halts there.</summary>
    [Parameter]
    [ValidateNotNull]
    [ConnectionText]
    [ArgumentCompleter(typeof(ConnectionCompleter))]
    public BackfillConnection? ProductionConnection { get; set; }

    /// <summary>Session attempts a minute of a new run; by default the plan's, which can be raised in the sandbox only.</summary>
    [Parameter]
    [ValidateNotNull]
    public int? ThrottlePerMinute { get; set; }

    /// <summary>Sessions in hand at once, of a new run.</summary>
    [Parameter]
    [ValidateNotNull]
    public int? ConcurrencyLimit { get; set; }

    /// <summary>When a new run's sessions may be begun; no session is begun outside.</summary>
    [Parameter]
    [NotBlank]
    public string? Hours { get; set; }

    /// <summary>After which batch, or how many sessions, a new run waits for a review.</summary>
    [Parameter]
    [NotBlank]
    [ArgumentCompleter(typeof(PlanBatchCompleter))]
    public string? ReviewAfter { get; set; }

    /// <summary>How long a new soak watches; 6 h by default.</summary>
    [Parameter]
    [ValidateNotNull]
    [Span]
    [ArgumentCompleter(typeof(SpanCompleter))]
    public TimeSpan? Duration { get; set; }

    /// <summary>From sample to sample; 5 min by default.</summary>
    [Parameter]
    [ValidateNotNull]
    [Span]
    [ArgumentCompleter(typeof(SpanCompleter))]
    public TimeSpan? Interval { get; set; }

    /// <summary>The conversion to reach in the soak, from 0 to 1; 0.85 by default.</summary>
    [Parameter]
    [ValidateNotNull]
    public double? Baseline { get; set; }

    /// <summary>So many completed sessions are needed to pass the soak; 40 by default.</summary>
    [Parameter]
    [ValidateNotNull]
    public int? MinimumSample { get; set; }

    /// <summary>How long a completed session may take to be scored; 10 min by default, at most a sixth of the window.</summary>
    [Parameter]
    [ValidateNotNull]
    [Span]
    [ArgumentCompleter(typeof(SpanCompleter))]
    public TimeSpan? GracePeriod { get; set; }

    /// <summary>Production health looks at sessions completed then or later; 2025-08-01 by default.</summary>
    [Parameter]
    [UtcTime]
    public DateTimeOffset Since { get; set; } = PlanBatch.DefaultSince;

    /// <summary>Where a small JSON text is posted when a person should look; by default BACKFILL_NOTIFY_URI.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? NotifyUri { get; set; }

    /// <inheritdoc/>
    private protected override string? StoppingWord => ApplyStreams.StoppingWord;

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var connection = OpenConnection(writes: true);
        if (ProductionConnection is { IsClosed: true } closed)
            throw ConnectionErrors.Closed(closed);
        var path =
            Path.SelectMany(p => FilePaths.Find(SessionState, p)).Distinct().ToList() is [var only] ? only : throw new BackfillException(
            "PathAmbiguous", BackfillErrorKind.InvalidInput, $"'{string.Join("', '", Path)}' names several files. A pipeline is of one plan: name its file.", Path);
        var output = OutputPath is null ? FilePaths.Here(SessionState) : FilePaths.Literal(SessionState, OutputPath);
        var isWhatIf = this.IsWhatIf();
        Work(async (streams, stop) =>
        {
            var plan = Engine.ReadPlan(path).Require();
            foreach (var warning in plan.Warnings)
                streams.Warn($"{plan.Path}, {warning}");
            if (isWhatIf)
                await Engine.RequireAsync(connection, ProductionConnection, Request(plan, output), stop).ConfigureAwait(false);
            if (!await streams.ShouldProcessAsync(connection.ToString(), $"Run the pipeline of plan {plan} to its next gate").ConfigureAwait(false))
                return;
            using var steps = new PipelineSteps(streams);
            await Engine.RunPipelineAsync(connection, ProductionConnection, Request(plan, output), steps, stop).ConfigureAwait(false);
        });
    }

    private PipelineRequest Request(BackfillPlan plan, string output) => new()
    {
        Plan = plan,
        OutputPath = output,
        NotifyUri = NotifyUri ?? Environment.GetEnvironmentVariable("BACKFILL_NOTIFY_URI"),
        ThrottlePerMinute = ThrottlePerMinute,
        ConcurrencyLimit = ConcurrencyLimit,
        Hours = Hours?.Trim(),
        ReviewAfter = ReviewAfter?.Trim(),
        Duration = Duration,
        Interval = Interval,
        Baseline = Baseline,
        MinimumSample = MinimumSample,
        GracePeriod = GracePeriod,
        Since = Since,
    };
}
