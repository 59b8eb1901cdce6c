-- $1 session, $2 functions, $3 their strengths, $4 their dimensions
INSERT INTO public.scoring_results_functions (session_id, func, strength, dimension)
SELECT $1, code, strength, dimension FROM unnest($2, $3, $4) AS f (code, strength, dimension)
ON CONFLICT (session_id, func) DO UPDATE SET strength = EXCLUDED.strength, dimension = EXCLUDED.dimension
