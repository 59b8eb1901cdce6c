namespace Backfill.Engine.Soak.Checks;

/// <summary>From what was found to checks, one at a time. Pure.</summary>
internal static class SoakChecks
{
    public static SoakCheck VersionOverrides(SoakFacts facts, SoakSettings settings) => new()
    {
        Name = SoakCheckNames.VersionOverrides,
        Expected = "0",
        Actual = Text($"{facts.OtherVersions.Count}"),
        Status = PassIf(facts.OtherVersions.Count == 0),
        Count = facts.OtherVersions.Count,
        Detail = $"Profiles written in the window whose results_version is not {settings.EngineVersion}."
            + (facts.OverrideEvents is null ? " Override events: NotMeasured, there is no table fn_logs." : ""),
        SessionIds = new([.. facts.OtherVersions]),
    };

    public static SoakCheck EngineOverrideEvents(SoakFacts facts) => facts.OverrideEvents is { } events
        ? new()
        {
            Name = SoakCheckNames.EngineOverrideEvents,
            Expected = "0",
            Actual = Text($"{events.Count}"),
            Status = PassIf(events.Count == 0),
            Count = events.Count,
            Detail = "Events engine_version_override in fn_logs.",
            SessionIds = new([.. events.SessionIds]),
        }
        : new()
        {
            Name = SoakCheckNames.EngineOverrideEvents,
            Expected = "0",
            Actual = "not measured",
            Status = SoakCheckStatus.NotMeasured,
            Detail = "There is no table fn_logs in this project.",
        };

    public static SoakCheck FcUsage(SoakFacts facts, SoakSettings settings) => new()
    {
        Name = SoakCheckNames.FcUsage,
        Expected = "0",
        Actual = Text($"{facts.LegacyScores.Count}"),
        Status = PassIf(facts.LegacyScores.Count == 0),
        Count = facts.LegacyScores.Count,
        Detail =
            $"Rows of fc_scores written in the window with another fc_kind than functions, or another version than {settings.FcVersion}.",
        SessionIds = new([.. facts.LegacyScores.SessionIds]),
    };

    public static SoakCheck TokenAccess(SoakTokens tokens)
    {
        var concerned = tokens.Refused.Union(tokens.Leaked).ToList();
        var status = concerned.Count > 0 ? SoakCheckStatus.Fail
            : tokens.Problem is not null || tokens.Tested == 0 || !tokens.TriedOthers ? SoakCheckStatus.Inconclusive
            : SoakCheckStatus.Pass;
        return new()
        {
            Name = SoakCheckNames.TokenAccess,
            Expected = "100 % and 0 leaks",
            Actual = tokens.Tested == 0
                ? "none tried"
                : Text($"{tokens.Tested - tokens.Refused.Count} of {tokens.Tested}, {tokens.Leaked.Count} leaks"),
            Status = status,
            Count = concerned.Count,
            Detail = tokens.Problem
                ?? (tokens.Tested == 0 ? "There is no completed session with a profile and a token to try."
                    : !tokens.TriedOthers ? "There is one such session only, so no other's token could be tried on it."
                    : $"{tokens.Function} as anon, with the right token, a wrong one, and another session's."),
            SessionIds = new(concerned),
        };
    }

    /// <param name="facts">What was found.</param>
    /// <param name="settings">Against what.</param>
    /// <param name="isJudged">At the window's end only: 72 looks at a rate would fail a healthy system one time in six.</param>
    public static SoakCheck Conversion(SoakFacts facts, SoakSettings settings, bool isJudged)
    {
        var (completed, converted) = (facts.Completed, facts.Converted);
        var interval = WilsonInterval.Of(converted, completed);
        var status = !isJudged ? SoakCheckStatus.Inconclusive : Status(converted, completed, settings);
        var missing = status == SoakCheckStatus.Inconclusive && isJudged
            ? completed < settings.MinimumSample
                ? Text($" Too few to say: {settings.MinimumSample} completed sessions are needed.")
                : " The baseline lies within the interval."
            : "";
        return new()
        {
            Name = SoakCheckNames.Conversion,
            Expected = Text($"at least {Percent(settings.Baseline)}, of {settings.MinimumSample} or more"),
            Actual = completed == 0
                ? "no completed session"
                : Text($"{Percent((double)converted / completed)}, {converted} of {completed}"),
            Status = status,
            Count = facts.Unconverted.Count,
            Detail = isJudged
                ? Text($"95 % interval {Percent(interval.Lower)} to {Percent(interval.Upper)} (Wilson).{missing}")
                : "Not yet judged: that is done at the window's end.",
            SessionIds = isJudged ? new([.. facts.Unconverted]) : ItemList.Of<Guid>(),
        };
    }

    public static SoakCheck Scoring(SoakFacts facts, SoakSettings settings) => new()
    {
        Name = SoakCheckNames.Scoring,
        Expected = "0",
        Actual = Text($"{facts.Unscored.Count}"),
        Status = PassIf(facts.Unscored.Count == 0),
        Count = facts.Unscored.Count,
        Detail = Text($"Sessions with answers, completed in the window and without a profile {Span(settings.GracePeriod)} later."),
        SessionIds = new([.. facts.Unscored]),
    };

    /// <summary>Inconclusive, not Fail: they may be healthy, but they are in no other check.</summary>
    public static SoakCheck CompletionTimes(SoakFacts facts) => new()
    {
        Name = SoakCheckNames.CompletionTimes,
        Expected = "0",
        Actual = Text($"{facts.Undated.Count}"),
        Status = facts.Undated.Count == 0 ? SoakCheckStatus.Pass : SoakCheckStatus.Inconclusive,
        Count = facts.Undated.Count,
        Detail = "Completed sessions without a time: completed_at is null or infinite, so that neither Conversion nor Scoring counts them."
            + (facts.Undated.Count == 0 ? "" : " Set completed_at on them."),
        SessionIds = new([.. facts.Undated]),
    };

    public static SoakCheck Sampling(int due, IReadOnlyList<int> missing, string? reason) => new()
    {
        Name = SoakCheckNames.Sampling,
        Expected = Text($"{due} samples"),
        Actual = Text($"{due - missing.Count} samples"),
        Status = missing.Count == 0 ? SoakCheckStatus.Pass : SoakCheckStatus.Inconclusive,
        Count = missing.Count,
        Detail = missing.Count == 0
            ? "Every sample that was due was taken."
            : $"Not taken: {Ranges(missing)}. {reason ?? "Why, only the process knew that measured then."}",
    };

    /// <summary>Pass at or over the baseline with enough data, Fail where the whole interval lies under it.</summary>
    public static SoakCheckStatus Status(long converted, long completed, SoakSettings settings) =>
        completed == 0 ? SoakCheckStatus.Inconclusive
        : WilsonInterval.Of(converted, completed).Upper < settings.Baseline ? SoakCheckStatus.Fail
        : completed >= settings.MinimumSample && (double)converted / completed >= settings.Baseline ? SoakCheckStatus.Pass
        : SoakCheckStatus.Inconclusive;

    public static string Span(TimeSpan span) => span switch
    {
        { TotalHours: >= 2 } => Text($"{span.TotalHours:0.##} h"),
        { TotalMinutes: >= 2 } => Text($"{span.TotalMinutes:0.#} min"),
        _ => Text($"{span.TotalSeconds:0.#} s"),
    };

    public static string Percent(double share) => Text($"{share * 100:0.0} %");

    /// <summary>For example <c>3, 7 to 9</c>.</summary>
    private static string Ranges(IReadOnlyList<int> numbers)
    {
        var parts = new List<(int First, int Last)>();
        foreach (var number in numbers)
        {
            if (parts.Count > 0 && parts[^1].Last == number - 1)
                parts[^1] = (parts[^1].First, number);
            else
                parts.Add((number, number));
        }

        return string.Join(", ", parts.Select(p => p.First == p.Last ? Text($"{p.First}") : Text($"{p.First} to {p.Last}")));
    }

    /// <summary>A check as it is where the target gives nothing to measure it by.</summary>
    public static SoakCheck Unmeasured(SoakCheck check, string why) => new()
    {
        Name = check.Name,
        Expected = check.Expected,
        Actual = "not measured",
        Status = SoakCheckStatus.NotMeasured,
        Detail = why,
    };

    private static SoakCheckStatus PassIf(bool isSo) => isSo ? SoakCheckStatus.Pass : SoakCheckStatus.Fail;

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
