-- auth.uid() as Supabase has it: PostgREST puts the claims of the caller's token into a setting.
CREATE SCHEMA auth;
GRANT USAGE ON SCHEMA auth TO postgres, anon, authenticated, service_role;

CREATE FUNCTION auth.uid() RETURNS uuid
LANGUAGE sql STABLE
SET search_path = ''
AS $$
    SELECT (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid
$$;

SET LOCAL ROLE postgres;

ALTER TABLE public.assessment_sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.assessment_responses ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.fc_blocks ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.fc_options ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.fc_responses ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.fc_scores ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.profiles ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.scoring_results ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.scoring_results_types ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.scoring_results_functions ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.scoring_results_state ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.fn_logs ENABLE ROW LEVEL SECURITY;

-- A signed-in user sees their own; anon sees nothing of a table, and reads shared profiles through the function only.
CREATE POLICY own_sessions ON public.assessment_sessions
    FOR SELECT TO authenticated USING (user_id = auth.uid());
CREATE POLICY own_responses ON public.assessment_responses
    FOR SELECT TO authenticated
    USING (EXISTS (SELECT FROM public.assessment_sessions AS s WHERE s.id = session_id AND s.user_id = auth.uid()));
CREATE POLICY active_blocks ON public.fc_blocks
    FOR SELECT TO authenticated USING (is_active);
CREATE POLICY active_options ON public.fc_options
    FOR SELECT TO authenticated
    USING (EXISTS (SELECT FROM public.fc_blocks AS b WHERE b.id = block_id AND b.is_active));
CREATE POLICY own_fc_responses ON public.fc_responses
    FOR SELECT TO authenticated
    USING (EXISTS (SELECT FROM public.assessment_sessions AS s WHERE s.id = session_id AND s.user_id = auth.uid()));
CREATE POLICY own_fc_scores ON public.fc_scores
    FOR SELECT TO authenticated
    USING (EXISTS (SELECT FROM public.assessment_sessions AS s WHERE s.id = session_id AND s.user_id = auth.uid()));
CREATE POLICY own_profiles ON public.profiles
    FOR SELECT TO authenticated
    USING (EXISTS (SELECT FROM public.assessment_sessions AS s WHERE s.id = session_id AND s.user_id = auth.uid()));
CREATE POLICY own_results ON public.scoring_results
    FOR SELECT TO authenticated USING (user_id = auth.uid());

RESET ROLE;
