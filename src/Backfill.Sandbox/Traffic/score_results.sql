,
-- A part of score_sessions.sql, where there is such a table.
result AS (
    INSERT INTO public.scoring_results (session_id, user_id, scoring_version, payload, type_code, confidence, computed_at)
    SELECT session_id, user_id, results_version, payload, type_code, confidence, made_at FROM scored
    ON CONFLICT (session_id) DO NOTHING
)
