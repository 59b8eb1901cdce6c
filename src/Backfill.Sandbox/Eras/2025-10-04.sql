-- The newest: details and the old token function are gone, profiles refers to nothing, and views that a clock refreshes have taken the
-- place of triggers.
SET LOCAL ROLE postgres;

DROP TABLE public.scoring_results_types, public.scoring_results_functions, public.scoring_results_state;

ALTER TABLE public.profiles DROP CONSTRAINT profiles_session_id_fkey;

ALTER TABLE public.fc_responses
    DROP COLUMN id,
    ADD PRIMARY KEY (session_id, block_id);

-- Null where nothing matches.
CREATE FUNCTION public.get_results_by_session(p_session_id uuid, p_share_token text) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = ''
AS $$
    SELECT jsonb_build_object(
        'session', jsonb_build_object('id', s.id, 'status', s.status, 'completed_at', s.completed_at),
        'profile', to_jsonb(p))
    FROM public.profiles AS p
    JOIN public.assessment_sessions AS s ON s.id = p.session_id
    WHERE p.session_id = p_session_id
      AND s.status = 'completed'
      AND s.share_token = p_share_token
$$;

CREATE FUNCTION public.get_results_v2(p_session_id uuid, p_share_token text DEFAULT NULL) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = ''
AS $$
    SELECT public.get_results_by_session(p_session_id, p_share_token) || '{"results_version": "v2"}'
$$;

REVOKE EXECUTE ON FUNCTION public.get_results_by_session(uuid, text), public.get_results_v2(uuid, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.get_results_by_session(uuid, text), public.get_results_v2(uuid, text)
    TO anon, authenticated, service_role;

CREATE MATERIALIZED VIEW public.mv_daily_sessions AS
    SELECT date_trunc('day', completed_at) AS day, count(*) AS sessions
    FROM public.assessment_sessions WHERE status = 'completed' GROUP BY 1;
CREATE MATERIALIZED VIEW public.mv_types AS
    SELECT type_code, count(*) AS profiles FROM public.profiles GROUP BY type_code;
CREATE MATERIALIZED VIEW public.mv_fit_bands AS
    SELECT fit_band, count(*) AS profiles FROM public.profiles GROUP BY fit_band;
CREATE MATERIALIZED VIEW public.mv_forced_choice AS
    SELECT blocks_answered, count(*) AS sessions FROM public.fc_scores GROUP BY blocks_answered;
CREATE MATERIALIZED VIEW public.mv_results AS
    SELECT type_code, count(*) AS results FROM public.scoring_results GROUP BY type_code;

RESET ROLE;
