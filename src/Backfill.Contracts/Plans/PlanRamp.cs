namespace Backfill;

/// <summary>How a run's pace rises to <see cref="BackfillPlan.ThrottlePerMinute"/>.</summary>
/// <param name="StartPerMinute">Session attempts a minute at the beginning.</param>
/// <param name="StepPerMinute">How many more a minute with each step.</param>
/// <param name="StepAttempts">How many session attempts a step has.</param>
public sealed record PlanRamp(int StartPerMinute, int StepPerMinute, int StepAttempts)
{
    /// <summary>The ramp in words.</summary>
    /// <returns>For example <c>from 2 a minute, 2 more after every 10 attempts</c>.</returns>
    public override string ToString() =>
        FormattableString.Invariant(
            $"from {StartPerMinute} a minute, {StepPerMinute} more after every {CountText.Of(StepAttempts, "attempt")}");
}
