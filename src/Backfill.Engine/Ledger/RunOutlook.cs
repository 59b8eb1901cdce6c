using Backfill.Engine.Plans;

namespace Backfill.Engine.Ledger;

/// <summary>When a run should end, and what keeps it from ending sooner. Pure.</summary>
public static class RunOutlook
{
    /// <summary>A run that began a moment ago has settled less than it has started.</summary>
    private const double ShortestSeconds = 60;

    /// <summary>The run with its outlook.</summary>
    /// <param name="run">As the ledger holds it.</param>
    /// <param name="recent">What it has done of late.</param>
    /// <returns>With a bottleneck and an end only where it is worked on and not suspended: no other run ends by itself.</returns>
    public static BackfillRun Of(BackfillRun run, RecentProgress recent) =>
        run is not { ActiveWorkers: > 0, Remaining: > 0, State: BackfillRunState.Running, Intent: BackfillRunIntent.Run } ? run : run with
        {
            Bottleneck = run.WaitingFor == "Hours"
                ? null
                : Bottleneck(run.WaitingFor, recent.InHand, recent.ConcurrencyLimit * run.ActiveWorkers),
            WaitingUntil = run.WaitingFor == "Hours" ? HoursOf(run)?.NextOpen(recent.Now) : null,
            EstimatedCompletion = End(run, recent),
        };

    /// <summary>Only open time counts.</summary>
    private static DateTimeOffset? End(BackfillRun run, RecentProgress recent)
    {
        var hours = HoursOf(run);
        // Outside of its hours, or on a ramp, what it has settled of late tells nothing.
        var minutes = run.RampPerMinute is not null ? RampMinutes(run.Remaining, run.ThrottlePerMinute, recent)
            : hours?.IsOpen(recent.Now) == false ? MinutesLeft(run.Remaining, run.ThrottlePerMinute, 0, 0)
            : MinutesLeft(run.Remaining, run.ThrottlePerMinute, recent.Settled, recent.Seconds ?? 0);
        return minutes is not { } left ? null : hours is null ? recent.Now.AddMinutes(left) : hours.After(recent.Now, left);
    }

    /// <summary>Null also where this machine does not know the time zone.</summary>
    private static WorkingHours? HoursOf(BackfillRun run) =>
        run.Hours is { } text && WorkingHours.TryParse(text, out var hours, out _) ? hours : null;

    /// <summary>How long the rest takes.</summary>
    /// <param name="remaining">Sessions not settled yet.</param>
    /// <param name="throttlePerMinute">The pace, session attempts a minute.</param>
    /// <param name="recentlySettled">Sessions settled in the time looked at.</param>
    /// <param name="seconds">That time.</param>
    /// <returns>Minutes, by the pace or by what was seen, whichever is slower; null where nothing has moved.</returns>
    public static double? MinutesLeft(int remaining, int throttlePerMinute, int recentlySettled, double seconds)
    {
        if (seconds < ShortestSeconds)
            return (double)remaining / throttlePerMinute;
        var seen = recentlySettled * 60 / seconds;
        return seen > 0 ? remaining / Math.Min(seen, throttlePerMinute) : null;
    }

    /// <summary>How long the rest takes on a ramp, if nothing holds the run.</summary>
    /// <param name="remaining">Sessions not settled yet.</param>
    /// <param name="throttlePerMinute">The pace that the ramp rises to, session attempts a minute.</param>
    /// <param name="recent">Where the run is on its ramp.</param>
    /// <returns>Minutes.</returns>
    public static double RampMinutes(int remaining, int throttlePerMinute, RecentProgress recent)
    {
        var (minutes, taken) = (0.0, recent.RampTaken);
        while (remaining > 0 && recent is { RampStart: { } start, RampStep: { } step, RampAttempts: { } attempts }
            && start + (long)step * (taken / attempts) is var pace && pace < throttlePerMinute)
        {
            var count = Math.Min(remaining, attempts - taken % attempts);
            minutes += (double)count / pace;
            (remaining, taken) = (remaining - count, taken + count);
        }

        return minutes + (double)remaining / throttlePerMinute;
    }

    /// <summary>What holds the run back now.</summary>
    /// <param name="waitingFor">What its workers wait for.</param>
    /// <param name="inHand">Sessions in hand.</param>
    /// <param name="limit">The most that all workers may have in hand.</param>
    /// <returns>The bottleneck.</returns>
    public static BackfillBottleneck Bottleneck(string? waitingFor, int inHand, int limit) => waitingFor switch
    {
        "RetryAfter" or "TargetUnreachable" => BackfillBottleneck.TargetAsked,
        "TargetBusy" => BackfillBottleneck.TargetBusy,
        "SlowDatabase" => BackfillBottleneck.Database,
        "Pace" => BackfillBottleneck.Pace,
        null when inHand >= limit => BackfillBottleneck.Concurrency,
        _ => BackfillBottleneck.Functions,
    };
}

/// <summary>What a run has done of late.</summary>
/// <param name="Now">The database's time.</param>
/// <param name="ConcurrencyLimit">The most sessions that a worker may have in hand.</param>
/// <param name="InHand">Sessions in hand.</param>
/// <param name="Settled">Sessions settled in that time.</param>
/// <param name="Seconds">That time; null before the run begins.</param>
/// <param name="RampStart">Session attempts a minute at the beginning of its ramp; null where it has none.</param>
/// <param name="RampStep">How many more with each step.</param>
/// <param name="RampAttempts">How many attempts a step has.</param>
/// <param name="RampTaken">How many attempts it has made since the ramp began.</param>
public sealed record RecentProgress(
    DateTimeOffset Now,
    int ConcurrencyLimit,
    int InHand,
    int Settled,
    double? Seconds,
    int? RampStart,
    int? RampStep,
    int? RampAttempts,
    int RampTaken);
