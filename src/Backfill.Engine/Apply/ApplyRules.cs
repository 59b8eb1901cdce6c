using System.Globalization;
using Backfill.Engine.Apply.Freeze;
using Backfill.Engine.Ledger;
using Backfill.Engine.Plans;

namespace Backfill.Engine.Apply;

/// <summary>What must hold before anything is written. Pure.</summary>
internal static class ApplyRules
{
    public static void Check(BackfillPlan plan, ApplyRequest request, BackfillConnection connection)
    {
        if (connection.Environment != plan.Environment)
        {
            throw new BackfillException(
                "EnvironmentMismatch",
                BackfillErrorKind.Refused,
                $"The plan {plan.Path ?? plan.Hash} is for {plan.Environment}, but {connection.ProjectRef} is "
                + $"{connection.Environment?.ToString() ?? "without a ledger"}. Connect to the target that the plan is for, or use another plan.",
                plan.Path);
        }

        if (request.ThrottlePerMinute is { } rate)
            CheckRate(rate, plan, connection);
        CheckBreaker(request);
        CheckHours(plan, request);
        ReviewPoints.Check(plan, request.ReviewAfter);
        if (request.QuietPeriod < ApplyDefaults.QuietPeriod && !connection.IsSandbox)
        {
            throw new BackfillException(
                "QuietPeriodTooShort",
                BackfillErrorKind.Refused,
                "-QuietPeriod must be at least 405 s outside the sandbox: a call that answered 504 can still be committed until then.",
                request.QuietPeriod);
        }

        if (request.ConcurrencyLimit is { } limit)
            CheckConcurrency(limit);
    }

    public static void CheckConcurrency(int limit)
    {
        if (limit is >= 1 and <= 256)
            return;
        throw new BackfillException(
            "ConcurrencyLimitInvalid", BackfillErrorKind.InvalidInput, "-ConcurrencyLimit must be from 1 to 256.", limit);
    }

    /// <summary>What a run was frozen with can't be changed by going on with it.</summary>
    public static void CheckResume(ApplyRequest request)
    {
        var given = request.Reprocess != BackfillReprocess.None ? "-Reprocess"
            : request.MaxConsecutiveFailures is not null ? "-MaxConsecutiveFailures"
            : request.MaxFailureRatio is not null ? "-MaxFailureRatio"
            : request.QuietPeriod is not null ? "-QuietPeriod"
            : request.Hours is not null ? "-Hours"
            : request.ReviewAfter is not null ? "-ReviewAfter"
            : null;
        if (given is null)
            return;
        throw new BackfillException(
            "SettingOfNewRun",
            BackfillErrorKind.InvalidInput,
            $"{given} is fixed when a run begins; run {request.RunId} has its own. Leave it out, or start a new run of the plan.",
            request.RunId);
    }

    private static void CheckBreaker(ApplyRequest request)
    {
        if (request.MaxConsecutiveFailures < 1)
        {
            throw new BackfillException(
                "MaxConsecutiveFailuresInvalid",
                BackfillErrorKind.InvalidInput,
                "-MaxConsecutiveFailures must be 1 or more.",
                request.MaxConsecutiveFailures);
        }

        if (request.MaxFailureRatio is <= 0 or > 1 or double.NaN)
        {
            throw new BackfillException(
                "MaxFailureRatioInvalid",
                BackfillErrorKind.InvalidInput,
                "-MaxFailureRatio must be over 0 and at most 1; 1 never halts the run.",
                request.MaxFailureRatio);
        }
    }

    /// <summary>A plan's rate is a maximum: it may be lowered, and raised in the sandbox only.</summary>
    public static void CheckRate(int rate, BackfillPlan plan, BackfillConnection connection)
    {
        if (rate < 1)
        {
            throw new BackfillException(
                "ThrottleInvalid", BackfillErrorKind.InvalidInput, "-ThrottlePerMinute must be 1 or more.", rate);
        }

        if (rate > plan.ThrottlePerMinute && !connection.IsSandbox)
        {
            throw new BackfillException(
                "ThrottleOverPlan",
                BackfillErrorKind.Refused,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"-ThrottlePerMinute {rate} is over the plan's {plan.ThrottlePerMinute}. Lower it: outside the sandbox, only another plan can raise the rate."),
                rate);
        }
    }

    public static IReadOnlyList<PlannedSession> Select(ResolvedPlan resolution, IReadOnlySet<Guid>? selected)
    {
        if (selected is null)
        {
            return resolution.Sessions.Count > 0 ? resolution.Sessions : throw new BackfillException(
                "NoSessions",
                BackfillErrorKind.NotFound,
                "No session of this target needs what the plan does. If you expected some, check the plan and the connection.");
        }

        if (selected.Count == 0)
        {
            throw new BackfillException(
                "SelectionEmpty",
                BackfillErrorKind.InvalidInput,
                "-SessionId names no session. Leave it out to apply the whole plan.");
        }

        var planned = resolution.Sessions.Where(s => selected.Contains(s.SessionId)).ToList();
        if (planned.Count == selected.Count)
            return planned;
        var missing = selected.Except(planned.Select(s => s.SessionId)).First();
        throw new BackfillException(
            "SessionNotInPlan",
            BackfillErrorKind.InvalidInput,
            $"Session {missing} is not in the plan. Name sessions of the plan only; -WhatIf lists them.",
            missing);
    }

    public static RunSettings Settings(BackfillPlan plan, ApplyRequest request, BackfillConnection connection) => new(
        request.ThrottlePerMinute ?? plan.ThrottlePerMinute,
        request.ConcurrencyLimit ?? ApplyDefaults.ConcurrencyLimit,
        request.Lease ?? ApplyDefaults.Lease,
        request.QuietPeriod ?? (connection.IsSandbox ? ApplyDefaults.SandboxQuietPeriod : ApplyDefaults.QuietPeriod),
        request.CallTimeout ?? ApplyDefaults.CallTimeout,
        ApplyDefaults.Breaker with
        {
            MaxConsecutiveFailures = request.MaxConsecutiveFailures ?? ApplyDefaults.Breaker.MaxConsecutiveFailures,
            MaxFailureRatio = request.MaxFailureRatio ?? ApplyDefaults.Breaker.MaxFailureRatio,
        },
        plan.Hours ?? request.Hours,
        plan.Guard,
        plan.Ramp);

    /// <summary>Hours that this machine can keep; null for any time.</summary>
    public static WorkingHours? HoursOf(string? text) =>
        text is null ? null : WorkingHours.TryParse(text, out var hours, out var problem) ? hours : throw new BackfillException(
            "HoursInvalid", BackfillErrorKind.InvalidInput, $"The hours '{text}' can't be read: {problem}", text);

    /// <summary>What was reviewed with the plan can't be changed beside it.</summary>
    private static void CheckHours(BackfillPlan plan, ApplyRequest request)
    {
        _ = HoursOf(request.Hours);
        if (plan.Hours is null || request.Hours is null)
            return;
        throw new BackfillException(
            "HoursInPlan",
            BackfillErrorKind.Refused,
            $"The plan has hours of its own ({plan.Hours}). Leave -Hours out, or change the plan.",
            request.Hours);
    }
}
