using System.Diagnostics;
using System.Management.Automation;
using Backfill.Apply;

namespace Backfill.PowerShell.Pipeline;

/// <summary>Shows a run while it goes on: results, warnings, milestones, and a bar with the time that is left.</summary>
/// <param name="streams">The cmdlet's streams.</param>
/// <param name="total">How many sessions are to be done.</param>
/// <param name="perMinute">The pace at which they should be, until it can be measured.</param>
internal sealed class ApplyStreams(PipelineStreams streams, int total, int perMinute) : IApplySink
{
    private const int ActivityId = 1;
    private const int EnoughToMeasure = 5;

    private readonly Lock _lock = new();
    private readonly long _started = Stopwatch.GetTimestamp();
    private int _done;
    private int _succeeded;

    public void Settled(BackfillSessionResult result)
    {
        streams.Write(result);
        lock (_lock)
        {
            _done++;
            _succeeded += result.Outcome is BackfillOutcome.Succeeded or BackfillOutcome.Skipped ? 1 : 0;
            streams.Progress(Bar());
        }
    }

    public void Warn(string message) => streams.Warn(message);

    public void Explain(string message) => streams.Explain(message);

    public void Milestone(string message, string tag) => streams.Milestone(message, tag);

    public void Begin() => streams.Progress(Bar());

    public void End() => streams.Progress(new(ActivityId, "Backfill", "Done") { RecordType = ProgressRecordType.Completed });

    private ProgressRecord Bar()
    {
        // Sessions frozen before may make a run longer than its plan says.
        var all = Math.Max(total, _done);
        var bad = _done - _succeeded;
        var status = FormattableString.Invariant($"{_done} of {all} sessions{(bad == 0 ? "" : $", {bad} without success")}");
        return new(ActivityId, "Backfill", status)
        {
            PercentComplete = all == 0 ? 100 : (int)(100L * _done / all),
            SecondsRemaining = (int)Math.Ceiling((all - _done) / Pace()),
        };
    }

    /// <summary>Sessions a second.</summary>
    private double Pace() => _done >= EnoughToMeasure
        ? _done / Math.Max(Stopwatch.GetElapsedTime(_started).TotalSeconds, 0.001)
        : perMinute / 60.0;
}
