using Backfill.Engine.Apply.Call;

namespace Backfill.Engine.Tests.Rollback;

/// <summary>What the two scoring functions do to their tables, in few words: they insert, update and delete.</summary>
internal static class ScoresBySql
{
    public static string Write(FunctionCall call) => call.Function == "score_fc_session" ? FcScores : Profile;

    private const string FcScores = """
        insert into public.fc_scores (session_id, version, fc_kind, scores_json, blocks_answered)
        values ($1, 'v1.2', 'functions', '{"Te": 1.50}', 24)
        on conflict (session_id, version, fc_kind) do update set scores_json = excluded.scores_json, blocks_answered = 25
        """;

    private const string Profile = """
        insert into public.profiles (session_id, type_code, confidence, results_version, payload)
        values ($1, 'LIE', 0.7500, 'v1.2.1', '{"by": "sql"}')
        on conflict (session_id) do update
        set type_code = excluded.type_code, confidence = excluded.confidence, results_version = excluded.results_version,
            payload = excluded.payload, updated_at = clock_timestamp();
        insert into public.scoring_results (session_id, scoring_version, type_code, computed_at)
        values ($1, 'v1.2.1', 'LIE', clock_timestamp())
        on conflict (session_id) do update set type_code = excluded.type_code, computed_at = excluded.computed_at;
        insert into public.scoring_results_types (session_id, type_code, rank, fit)
        values ($1, 'LIE', 1, 0.90), ($1, 'new', 2, 0.1)
        on conflict (session_id, type_code) do update set rank = excluded.rank, fit = excluded.fit;
        delete from public.scoring_results_state where session_id = $1
        """;
}
