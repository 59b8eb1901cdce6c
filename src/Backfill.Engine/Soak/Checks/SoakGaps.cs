using Backfill.Engine.Profiles;

namespace Backfill.Engine.Soak.Checks;

/// <summary>Which checks a target gives nothing to measure by, and why. Pure.</summary>
internal static class SoakGaps
{
    /// <param name="profile">What the target has.</param>
    /// <param name="tokenSample">How many tokens are tried; 0: none.</param>
    /// <returns>By the check's name, the reason as a sentence.</returns>
    public static IReadOnlyDictionary<string, string> Of(TargetProfile profile, int tokenSample)
    {
        var gaps = new Dictionary<string, string>(StringComparer.Ordinal);
        Add(SoakCheckNames.VersionOverrides, profile.Lacks("profiles", "session_id", "results_version") ?? Untimed(profile, "profiles"));
        Add(SoakCheckNames.EngineOverrideEvents, profile.Lacks("fn_logs", "evt", "at", "payload"));
        Add(SoakCheckNames.FcUsage, profile.Lacks("fc_scores", "session_id", "version", "fc_kind") ?? Untimed(profile, "fc_scores"));
        Add(SoakCheckNames.TokenAccess, profile.Lacks("assessment_sessions", "share_token"));
        if (profile.TokenFunction is null)
            gaps[SoakCheckNames.TokenAccess] =
                "No function of (uuid, text) that gives a row or JSON for a session and its token was found, or named by a target profile.";
        if (tokenSample == 0)
            gaps[SoakCheckNames.TokenAccess] = "No token was tried: -TokenSample is 0.";
        if (!profile.Has("assessment_sessions", "completed_questions"))
            Add(SoakCheckNames.Scoring, profile.Lacks("assessment_responses", "session_id"));
        return gaps;

        void Add(string check, string? lacking)
        {
            if (lacking is not null)
                gaps[check] = $"There is {lacking} in this project.";
        }
    }

    private static string? Untimed(TargetProfile profile, string table) =>
        profile.Of(table, "created_at", "updated_at", "computed_at").Count == 0
            ? $"no time of writing on public.{table} (created_at, updated_at, computed_at)"
            : null;
}
