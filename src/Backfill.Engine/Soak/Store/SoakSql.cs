using Backfill.Engine.Ledger;
using Backfill.Engine.Profiles;
using Backfill.Engine.Soak.Checks;

namespace Backfill.Engine.Soak.Store;

/// <summary>The statements that measure, as they are for one target.</summary>
internal sealed class SoakSql(TargetProfile profile, TargetMap map)
{
    public string OtherVersions { get; } = map.Of(Timed("find_other_versions", profile, "profiles", "p"));

    public string LegacyScores { get; } = map.Of(Timed("find_legacy_scores", profile, "fc_scores", "f"));

    public string Completed { get; } = map.Of(Text("count_completed"));

    public string Unconverted { get; } = map.Of(
        Text("find_unconverted").Replace("{{is_answered}}", IsAnswered(profile), StringComparison.Ordinal));

    public string Undated { get; } = map.Of(UndatedOf(profile));

    public string Tokens { get; } = map.Of(Text("choose_tokens").Replace(
        "{{unexpired}}",
        profile.Has("assessment_sessions", "share_token_expires_at")
            ? "and (s.share_token_expires_at is null or s.share_token_expires_at > $2)"
            : "and s.completed_at < $2",
        StringComparison.Ordinal));

    public string OverrideEvents { get; } = map.Of(Text("find_override_events"));

    public string TokenTrial { get; } = Of("try_tokens", profile.TokenFunction);

    public string OneToken { get; } = Of("try_token", profile.TokenFunction);

    /// <summary>Those that this target can answer, for the report.</summary>
    public IReadOnlyList<SoakQuery> Queries
    {
        get
        {
            var gaps = SoakGaps.Of(profile, SoakDefaults.TokenSample);
            return
            [
                .. new (string Check, SoakQuery Query)[]
                {
                    (SoakCheckNames.VersionOverrides, new("find_other_versions", OtherVersions)),
                    (SoakCheckNames.EngineOverrideEvents, new("find_override_events", OverrideEvents)),
                    (SoakCheckNames.FcUsage, new("find_legacy_scores", LegacyScores)),
                    (SoakCheckNames.Conversion, new("count_completed", Completed)),
                    (SoakCheckNames.Conversion, new("find_unconverted", Unconverted)),
                    (SoakCheckNames.CompletionTimes, new("find_undated", Undated)),
                    (SoakCheckNames.TokenAccess, new("choose_tokens", Tokens)),
                    (SoakCheckNames.TokenAccess, new("try_tokens", TokenTrial)),
                }.Where(q => !gaps.ContainsKey(q.Check)).Select(q => q.Query),
            ];
        }
    }

    /// <summary>The columns that say when a row was written.</summary>
    public static IReadOnlyList<string> Times(TargetProfile profile, string table) =>
        profile.Of(table, "created_at", "updated_at", "computed_at");

    private static string Timed(string name, TargetProfile profile, string table, string alias)
    {
        var times = Times(profile, table).Select(c => $"{alias}.{c}").ToList();
        return Text(name)
            .Replace("{{since}}", string.Join(" or ", times.Select(t => $"{t} >= $1")), StringComparison.Ordinal)
            .Replace("{{untimed}}", string.Join(" and ", times.Select(t => $"{t} is null")), StringComparison.Ordinal)
            .Replace("{{latest}}", $"greatest({string.Join(", ", times)})", StringComparison.Ordinal);
    }

    /// <summary>By the times that a session has besides.</summary>
    private static string UndatedOf(TargetProfile profile)
    {
        var times = profile.Of("assessment_sessions", "created_at", "updated_at").Select(c => $"s.{c}").ToList();
        return Text("find_undated")
            .Replace(
                "{{latest}}", times.Count == 0 ? "null::timestamptz" : $"greatest({string.Join(", ", times)})", StringComparison.Ordinal)
            .Replace("{{created}}", profile.Has("assessment_sessions", "created_at") ? "s.created_at" : "null::timestamptz", StringComparison.Ordinal);
    }

    private static string IsAnswered(TargetProfile profile)
    {
        List<string> ways = [];
        if (profile.Has("assessment_sessions", "completed_questions"))
            ways.Add("coalesce(s.completed_questions > 0, false)");
        if (profile.Has("assessment_responses", "session_id"))
            ways.Add("exists (select from public.assessment_responses r where r.session_id = s.id)");
        return ways.Count == 0 ? "false" : string.Join(" or ", ways);
    }

    private static string Of(string name, TokenFunction? function) =>
        Text(name).Replace("{{function}}", SqlText.Quote($"public.{function?.Name}"), StringComparison.Ordinal);

    private static string Text(string name) => SqlText.Load($"Soak/Store/{name}");
}
