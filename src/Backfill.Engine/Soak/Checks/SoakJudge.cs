namespace Backfill.Engine.Soak.Checks;

/// <summary>When a sample is taken, within which window.</summary>
/// <param name="Number">Which sample.</param>
/// <param name="At">When.</param>
/// <param name="IsLast">Whether it ends the window, so that conversion is judged.</param>
/// <param name="Retrospective">Whether it looks back over a past window.</param>
public sealed record SoakMoment(int Number, DateTimeOffset At, bool IsLast, bool Retrospective = false);

/// <summary>From figures to checks to a verdict. Pure: the same facts and earlier samples give the same sample.</summary>
public static class SoakJudge
{
    /// <summary>Judges what one look found.</summary>
    /// <param name="soak">Window and settings.</param>
    /// <param name="moment">Which look.</param>
    /// <param name="facts">What it found.</param>
    /// <param name="earlier">The samples before: what failed once has failed, whatever is found later.</param>
    /// <returns>The sample with its verdict.</returns>
    public static SoakSample Judge(SoakTicket soak, SoakMoment moment, SoakFacts facts, SoakSeries earlier)
    {
        ArgumentNullException.ThrowIfNull(soak);
        ArgumentNullException.ThrowIfNull(moment);
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(earlier);
        var settings = soak.Settings;
        var isJudged = moment.IsLast || moment.Retrospective;
        List<SoakCheck> checks =
        [
            SoakChecks.VersionOverrides(facts, settings),
            SoakChecks.EngineOverrideEvents(facts),
            SoakChecks.FcUsage(facts, settings),
            SoakChecks.TokenAccess(facts.Tokens),
            SoakChecks.Conversion(facts, settings, isJudged),
            SoakChecks.Scoring(facts, settings),
            SoakChecks.CompletionTimes(facts),
        ];
        if (!moment.Retrospective)
            checks.Add(SoakChecks.Sampling(moment.Number, earlier.MissingBefore(moment.Number), earlier.LatestReason));
        checks =
        [
            .. checks
                .Select(c => facts.NotMeasured.TryGetValue(c.Name, out var why) ? SoakChecks.Unmeasured(c, why) : c)
                .Select(c => Remember(c, earlier.FailureOf(c.Name))),
        ];

        var interval = WilsonInterval.Of(facts.Converted, facts.Completed);
        var tokens = facts.NotMeasured.ContainsKey(SoakCheckNames.TokenAccess) ? null : facts.Tokens;
        return Empty(soak, moment) with
        {
            VersionOverrides = Measured(SoakCheckNames.VersionOverrides, facts.OtherVersions.Count + (facts.OverrideEvents?.Count ?? 0)),
            LegacyFcScores = Measured(SoakCheckNames.FcUsage, facts.LegacyScores.Count),
            TokensTested = tokens?.Tested,
            TokensAccepted = tokens?.Tested - tokens?.Refused.Count,
            WrongTokensRefused = tokens?.Tested - tokens?.Leaked.Count,
            CompletedSessions = facts.Completed,
            ConvertedSessions = facts.Converted,
            ConversionRate = facts.Completed == 0 ? null : (double)facts.Converted / facts.Completed,
            ConversionLowerBound = facts.Completed == 0 ? null : interval.Lower,
            ConversionUpperBound = facts.Completed == 0 ? null : interval.Upper,
            UnscoredSessions = Measured(SoakCheckNames.Scoring, facts.Unscored.Count),
            CostMs = facts.Cost.Milliseconds,
            Statements = facts.Cost.Statements,
            Verdict = Verdict(checks.Where(c => isJudged || c.Name != SoakCheckNames.Conversion)),
            Checks = new(checks),
        };

        long? Measured(string check, long count) => facts.NotMeasured.ContainsKey(check) ? null : count;
    }

    /// <summary>What stands in a sample's place where it could not be taken. Its figures are all null.</summary>
    /// <param name="soak">Window and settings.</param>
    /// <param name="moment">Which look.</param>
    /// <param name="reason">Why.</param>
    /// <param name="earlier">The samples before.</param>
    /// <returns>The sample: <c>Fail</c> where a check has failed before, else <c>Inconclusive</c>.</returns>
    public static SoakSample NotTaken(SoakTicket soak, SoakMoment moment, string reason, SoakSeries earlier)
    {
        ArgumentNullException.ThrowIfNull(soak);
        ArgumentNullException.ThrowIfNull(moment);
        ArgumentNullException.ThrowIfNull(earlier);
        var failed = earlier.Samples.SelectMany(s => s.Checks).Where(c => c.Status == SoakCheckStatus.Fail)
            .Select(c => c.Name).Distinct().Select(name => earlier.FailureOf(name)!);
        SoakCheck[] checks =
        [
            .. failed,
            SoakChecks.Sampling(moment.Number, [.. earlier.MissingBefore(moment.Number), moment.Number], reason),
        ];
        return Empty(soak, moment) with { Verdict = Verdict(checks), Checks = new(checks) };
    }

    /// <summary>
    /// Fail if a check failed, else Inconclusive if one says nothing, else Pass. Of what can't be measured only the log of overrides does
    /// not count: profiles of another version are found without it.
    /// </summary>
    private static SoakVerdict Verdict(IEnumerable<SoakCheck> checks)
    {
        var statuses = checks
            .Select(c => c is { Status: SoakCheckStatus.NotMeasured, Name: not SoakCheckNames.EngineOverrideEvents }
                ? SoakCheckStatus.Inconclusive
                : c.Status)
            .ToHashSet();
        return statuses.Contains(SoakCheckStatus.Fail) ? SoakVerdict.Fail
            : statuses.Contains(SoakCheckStatus.Inconclusive) ? SoakVerdict.Inconclusive
            : SoakVerdict.Pass;
    }

    private static SoakCheck Remember(SoakCheck now, SoakCheck? before) =>
        before is null ? now
        : now.Status == SoakCheckStatus.Fail ? now with
        {
            SessionIds = new([.. before.SessionIds.Union(now.SessionIds)]),
            HealedSessionIds = Healed(now, before),
            Count = Math.Max(before.Count, now.Count),
        }
        : before with
        {
            HealedSessionIds = Healed(now, before),
            Detail = $"{now.Detail} It failed in an earlier sample; found now: {now.Actual}.",
        };

    /// <summary>
    /// What an earlier sample found and this one did not. Where it did not look, or at other sessions' tokens, nothing has healed.
    /// </summary>
    private static ItemList<Guid> Healed(SoakCheck now, SoakCheck before) =>
        now.Status is SoakCheckStatus.Pass or SoakCheckStatus.Fail && now.Name != SoakCheckNames.TokenAccess
            ? new([.. before.SessionIds.Except(now.SessionIds)])
            : before.HealedSessionIds;

    private static SoakSample Empty(SoakTicket soak, SoakMoment moment) => new()
    {
        RunId = soak.RunId,
        Number = moment.Number,
        At = moment.At,
        WindowStart = soak.Window.Start,
        WindowEnd = soak.Window.End,
        Retrospective = moment.Retrospective,
        Baseline = soak.Settings.Baseline,
        Verdict = SoakVerdict.Inconclusive,
        Checks = ItemList.Of<SoakCheck>(),
    };
}
