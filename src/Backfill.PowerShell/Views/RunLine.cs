namespace Backfill.PowerShell.Views;

/// <summary>A run in one line, for whoever watches it.</summary>
internal static class RunLine
{
    /// <summary>Where it stands, and what or who holds it.</summary>
    public static string Standing(BackfillRun run) => run.State switch
    {
        BackfillRunState.Suspended => $"Suspended. {ViewText.Intent(run)}.",
        BackfillRunState.Running when run.Intent == BackfillRunIntent.Suspend =>
            $"Running, until its calls in flight have ended. {ViewText.Intent(run)}.",
        BackfillRunState.Running => $"Running, {Workers(run)}.{(Waiting(run) is { Length: > 0 } why ? $" {why}" : "")}",
        _ => $"{run.State}{(run.Reason is { } reason ? $": {reason.TrimEnd('.')}" : "")}.",
    };

    /// <summary>How far it is, and when it should end.</summary>
    public static string Figures(BackfillRun run) =>
        $"{ViewText.Done(run)} sessions{(ViewText.Bad(run) is > 0 and var bad ? FormattableString.Invariant($", {bad} without success") : "")}"
        + (run.EstimatedCompletion is { } end ? $", ends about {ViewText.Minute(end)}" : "");

    /// <summary>What it waits for, in words; empty where it waits for nothing.</summary>
    public static string Waiting(BackfillRun run) => run.WaitingFor switch
    {
        "Pace" when run.RampPerMinute is { } pace =>
            FormattableString.Invariant($"It waits for its pace, now {pace} of {run.ThrottlePerMinute} a minute."),
        "Pace" => "It waits for its pace.",
        "QuietPeriod" => "It waits: calls without a clear answer may still be committed.",
        "RetryAfter" => "It waits: the target asked for a pause.",
        "TargetUnreachable" => "It waits: the target can't be reached.",
        "SlowDatabase" => "It waits for the database.",
        "TargetBusy" => $"It waits: {run.BusyReason ?? "the target is busy"}.",
        "Hours" => $"It waits for its hours{(run.WaitingUntil is { } until ? $", until {ViewText.Minute(until)}" : "")}.",
        _ => "",
    };

    private static string Workers(BackfillRun run) => CountText.Of(run.ActiveWorkers, "worker");
}
