namespace Backfill.Engine.Soak.Checks;

/// <summary>
/// What one look found, before it is judged. Everything in it was measured, but for what <see cref="NotMeasured"/> names; a failure is an
/// error instead.
/// </summary>
public sealed record SoakFacts
{
    /// <summary>Sessions whose profile is of another engine version, or of none.</summary>
    public required IReadOnlyList<Guid> OtherVersions { get; init; }

    /// <summary>Override events; null where the target has no <c>fn_logs</c>.</summary>
    public required SoakEvents? OverrideEvents { get; init; }

    /// <summary>Forced-choice scores of another kind or version.</summary>
    public required SoakEvents LegacyScores { get; init; }

    /// <summary>Share tokens tried as <c>anon</c>.</summary>
    public required SoakTokens Tokens { get; init; }

    /// <summary>Sessions completed in the window, less the grace period.</summary>
    public required long Completed { get; init; }

    /// <summary>Those of them that have no profile.</summary>
    public required IReadOnlyList<Guid> Unconverted { get; init; }

    /// <summary>Those of them that have no profile though they have answers.</summary>
    public required IReadOnlyList<Guid> Unscored { get; init; }

    /// <summary>Completed sessions that may be of the window and have no time of completion; none in samples of older modules.</summary>
    public IReadOnlyList<Guid> Undated { get; init; } = [];

    /// <summary>Those of the completed that have a profile.</summary>
    public long Converted => Math.Max(0, Completed - Unconverted.Count);

    /// <summary>What looking cost.</summary>
    public required SoakCost Cost { get; init; }

    /// <summary>By the check's name, why the target gives nothing to measure it by.</summary>
    public IReadOnlyDictionary<string, string> NotMeasured { get; init; } = new Dictionary<string, string>();
}

/// <summary>Rows or events that should not be, and the sessions they are of.</summary>
/// <param name="Count">How many.</param>
/// <param name="SessionIds">Their sessions, each once; an event may name none.</param>
public sealed record SoakEvents(long Count, IReadOnlyList<Guid> SessionIds);

/// <summary>Share tokens tried as <c>anon</c>.</summary>
/// <param name="Tested">How many sessions.</param>
/// <param name="Refused">Those whose own token did not give their profile.</param>
/// <param name="Leaked">Those that gave something for a wrong token, or for another session's.</param>
/// <param name="TriedOthers">Whether another session's token was tried; it takes two sessions.</param>
/// <param name="Problem">Why tokens could not be tried as <c>anon</c>; null where they could.</param>
public sealed record SoakTokens(
    int Tested, IReadOnlyList<Guid> Refused, IReadOnlyList<Guid> Leaked, bool TriedOthers, string? Problem = null)
{
    /// <summary>What they were given to.</summary>
    public string Function { get; init; } = "get_profile_by_session";

    /// <summary>Why no token can be tried here at all; null where one can.</summary>
    public string? NotMeasured { get; init; }
}

/// <summary>What a look cost the target.</summary>
/// <param name="Milliseconds">From the first statement to the last answer, by the wall clock.</param>
/// <param name="Statements">How many statements.</param>
public sealed record SoakCost(long Milliseconds, int Statements);
