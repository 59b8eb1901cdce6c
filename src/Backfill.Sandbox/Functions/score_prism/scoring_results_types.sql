-- $1 session, $2 types, best first, $3 their fits. A type that is no longer among them goes.
WITH gone AS (
    DELETE FROM public.scoring_results_types WHERE session_id = $1 AND type_code <> ALL ($2)
)
INSERT INTO public.scoring_results_types (session_id, type_code, rank, fit)
SELECT $1, code, rank, fit FROM unnest($2, $3) WITH ORDINALITY AS t (code, fit, rank)
ON CONFLICT (session_id, type_code) DO UPDATE SET rank = EXCLUDED.rank, fit = EXCLUDED.fit
