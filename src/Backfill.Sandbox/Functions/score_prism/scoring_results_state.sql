-- $1 session, $2 states, $3 their levels
INSERT INTO public.scoring_results_state (session_id, state, level)
SELECT $1, code, level FROM unnest($2, $3) AS s (code, level)
ON CONFLICT (session_id, state) DO UPDATE SET level = EXCLUDED.level
