using System.Management.Automation;
using Backfill.PowerShell.Bases;
using Backfill.PowerShell.Completion;
using Backfill.PowerShell.Parameters;
using Backfill.PowerShell.Selections;
using Backfill.PowerShell.Streams;
using Backfill.PowerShell.Views;

namespace Backfill.PowerShell.Cmdlets;

/// <summary>Watches a run until it ends, from any machine: a progress bar, and a line for each change. Reads only.</summary>
[Cmdlet(VerbsCommon.Watch, "BackfillRun")]
[OutputType(typeof(BackfillRun))]
public sealed class WatchBackfillRunCommand : ConnectedCmdlet
{
    private const int Activity = 1;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    /// <summary>The run; by default the newest one.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [RunIdText]
    [ArgumentCompleter(typeof(RunIdCompleter))]
    public Guid RunId { get; set; }

    /// <summary>Looks once, and emits the run as it is now.</summary>
    [Parameter]
    public SwitchParameter Once { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var connection = OpenConnection(writes: false);
        var isNamed = MyInvocation.BoundParameters.ContainsKey(nameof(RunId));
        Work(async (streams, stop) =>
        {
            var run = isNamed
                ? await connection.FindRunAsync(RunId, stop).ConfigureAwait(false)
                : await connection.FindLatestRunAsync(stop).ConfigureAwait(false);
            string? shown = null;
            while (!Once && !HasEnded(run))
            {
                if (RunLine.Standing(run) is var standing && standing != shown)
                    streams.Milestone($"{ViewText.Time(DateTimeOffset.UtcNow)} {standing}", "RunWatched");
                shown = standing;
                streams.Progress(Bar(run));
                await Task.Delay(Pause, stop).ConfigureAwait(false);
                run = await connection.FindRunAsync(run.RunId, stop).ConfigureAwait(false);
            }

            if (shown is not null)
                streams.Progress(new(Activity, "Backfill", "Done") { RecordType = ProgressRecordType.Completed });
            streams.Write(run);
        });
    }

    private static bool HasEnded(BackfillRun run) =>
        run.State is BackfillRunState.Completed or BackfillRunState.Aborted or BackfillRunState.RolledBack;

    private static ProgressRecord Bar(BackfillRun run) => new(Activity, $"Run {run.RunId}", RunLine.Figures(run))
    {
        CurrentOperation = RunLine.Waiting(run),
        PercentComplete = run.Total == 0 ? 100 : (int)(100L * (run.Total - run.Remaining) / run.Total),
        SecondsRemaining = run.EstimatedCompletion is { } end ? Math.Max(0, (int)(end - DateTimeOffset.UtcNow).TotalSeconds) : -1,
    };
}
