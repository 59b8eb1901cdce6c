namespace Backfill.Engine.Soak.Checks;

/// <summary>The checks of a soak.</summary>
public static class SoakCheckNames
{
    /// <summary>Profiles of another engine version.</summary>
    public const string VersionOverrides = "VersionOverrides";

    /// <summary>Events by which the engine says that it overrode a version.</summary>
    public const string EngineOverrideEvents = "EngineOverrideEvents";

    /// <summary>Forced-choice scores of another kind or version.</summary>
    public const string FcUsage = "FcUsage";

    /// <summary>Profiles behind their share tokens, tried as <c>anon</c>.</summary>
    public const string TokenAccess = "TokenAccess";

    /// <summary>Completed sessions that get a profile, against the baseline.</summary>
    public const string Conversion = "Conversion";

    /// <summary>Completed sessions that nothing has scored.</summary>
    public const string Scoring = "Scoring";

    /// <summary>Completed sessions without a time of completion: no window holds them.</summary>
    public const string CompletionTimes = "CompletionTimes";

    /// <summary>Whether every sample that was due was taken.</summary>
    public const string Sampling = "Sampling";
}
