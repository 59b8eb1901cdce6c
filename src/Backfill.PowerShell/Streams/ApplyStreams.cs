using System.Management.Automation;
using Backfill.PowerShell.Views;

namespace Backfill.PowerShell.Streams;

/// <summary>Shows a run while it goes on: results, warnings, milestones, and a bar that tells of the whole run.</summary>
/// <param name="streams">The cmdlet's.</param>
/// <param name="connection">The target that results carry; null where none are shown.</param>
internal sealed class ApplyStreams(PipelineStreams streams, BackfillConnection? connection) : IApplySink
{
    /// <summary>What is said at once at Ctrl+C.</summary>
    public const string StoppingWord =
        "Stopping: no session is begun any more. Calls in flight have ten seconds to end, then the files are written.";

    private const int Activity = 1;

    public void Settled(BackfillSessionResult result)
    {
        if (connection is not null)
            streams.Write(result with { Connection = connection });
    }

    public void Warn(string message) => streams.Warn(message);

    public void Explain(string message) => streams.Explain(message);

    public void Milestone(string message, string tag) => streams.Milestone(message, tag);

    public void Progressed(ApplyProgress progress) => streams.Progress(Bar(progress));

    public void End() => streams.Progress(new(Activity, "Backfill", "Done") { RecordType = ProgressRecordType.Completed });

    /// <summary>In the status, for the shell's usual bar shows nothing else.</summary>
    private static string Why(ApplyProgress progress) =>
        progress.IsSuspended ? $", suspended{(progress.SuspendedBy is { } by ? $" by {by}" : "")}" : progress.WaitingFor switch
        {
            "QuietPeriod" => ", waiting for late commits",
            "RetryAfter" => ", waiting: the target asked for a pause",
            "TargetUnreachable" => ", waiting: the target can't be reached",
            "SlowDatabase" => ", waiting for the database",
            "TargetBusy" => ", waiting: the target is busy",
            "Hours" => ", waiting for its hours",
            _ => "",
        };

    private static ProgressRecord Bar(ApplyProgress progress)
    {
        var bad = progress.Bad == 0 ? "" : $", {progress.Bad} without success";
        return new(
            Activity,
            "Backfill",
            FormattableString.Invariant($"{progress.Done} of {progress.Total} sessions verified{bad}{Why(progress)}"))
        {
            CurrentOperation = FormattableString.Invariant(
                $"{(progress.WaitingFor is null ? "working" : $"waiting: {progress.WaitingFor}")}; waited {ViewText.Duration(progress.Waited)} in all; at most {progress.ThrottlePerMinute}/min"),
            PercentComplete = progress.Total == 0 ? 100 : (int)(100L * (progress.Total - progress.Remaining) / progress.Total),
            // A suspended run has no end in sight.
            SecondsRemaining = progress.MayClaim ? (int)Math.Ceiling(progress.Remaining * 60.0 / progress.ThrottlePerMinute) : -1,
        };
    }
}
