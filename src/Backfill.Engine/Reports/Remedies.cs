namespace Backfill.Engine.Reports;

/// <summary>
/// What a person can do about what went wrong, by its code. The one place for it: errors, summary, page and gates take it from here.
/// </summary>
internal static class Remedies
{
    /// <summary>What to do about sessions of a category.</summary>
    public static string Of(BackfillCategory? category) => category switch
    {
        BackfillCategory.Authentication => "Fix the key: connect with the project's service role key.",
        BackfillCategory.Configuration => "Look at the project's dashboard: is it paused or restricted, and is its address right?",
        BackfillCategory.NotFound => "Check that the session is still there and that the function is deployed.",
        BackfillCategory.Validation =>
            "Look at the session's own data: the function refused it. Repair it, or leave the session out of the plan.",
        BackfillCategory.RateLimited => "Lower the pace with Set-BackfillRun -ThrottlePerMinute before you try again.",
        BackfillCategory.Timeout => "Look at the function's logs for what takes so long, and lower -ConcurrencyLimit before you try again.",
        BackfillCategory.FunctionError => "Look at the function's logs, and fix the function.",
        BackfillCategory.ResourceLimit =>
            "The function ran out of memory or CPU: look at its logs, and lower -ConcurrencyLimit before you try again.",
        BackfillCategory.Network => "Check the network between this machine and the project.",
        BackfillCategory.Database => "Look at the database's health and logs.",
        BackfillCategory.VersionMismatch =>
            "The function wrote another version than the plan asks for: deploy the right one, or correct the plan.",
        BackfillCategory.NoEffect => "The function answered success and did not write its row: look at its logs for an upsert that fails.",
        BackfillCategory.ForeignChange => "Something else wrote to the session's rows: find out what, and stop it first.",
        BackfillCategory.Cancelled => "The run ended before the answer was known: a new run reads the rows back.",
        _ => "Look at the session's reason.",
    };

    /// <summary>What must be fixed before a run goes on; null where nothing need be.</summary>
    public static string? Of(BackfillRunCause? cause) => cause switch
    {
        BackfillRunCause.KeyRefused => "Fix the key: connect with the project's service role key.",
        BackfillRunCause.FunctionNotDeployed => "Deploy the function, or correct its name in the plan.",
        BackfillRunCause.ProjectRestricted => "Lift the restriction on the organization's billing page.",
        BackfillRunCause.ProjectPaused => "Restore the project in its dashboard.",
        BackfillRunCause.TargetUnreachable => "Check the network and the project's address.",
        BackfillRunCause.DatabaseUnavailable =>
            "Look at the database's status, its disk and its pool size; resume the run once it is well.",
        BackfillRunCause.ConsecutiveFailures or BackfillRunCause.FailureRatio =>
            "Find out why sessions fail, and fix that, before you resume the run.",
        BackfillRunCause.WorkerFailed => "Read the worker's error, and fix its cause.",
        _ => null,
    };
}
