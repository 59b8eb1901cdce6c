-- Results and details have come, and one of the statistics is left. Nothing refers to a table that functions write.
SET LOCAL ROLE postgres;

ALTER TABLE public.profiles
    DROP COLUMN computed_at,
    ADD COLUMN fc_answered_ct int,
    ADD COLUMN submitted_at timestamptz;

ALTER TABLE public.fc_responses
    DROP COLUMN id,
    ADD PRIMARY KEY (session_id, block_id);

ALTER TABLE public.scoring_results_types
    DROP CONSTRAINT scoring_results_types_session_id_fkey,
    ADD FOREIGN KEY (session_id) REFERENCES public.assessment_sessions (id) ON DELETE CASCADE;

-- No column of it names a session.
CREATE TABLE public.dashboard_statistics (
    statistic  text        PRIMARY KEY,
    figures    jsonb       NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE public.dashboard_statistics ENABLE ROW LEVEL SECURITY;

CREATE FUNCTION public.refresh_profile_totals() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    INSERT INTO public.dashboard_statistics (statistic, figures)
    SELECT 'totals', jsonb_build_object('profiles', count(*)) FROM public.profiles
    ON CONFLICT (statistic) DO UPDATE SET figures = EXCLUDED.figures, updated_at = now();
    RETURN NULL;
END
$$;

CREATE TRIGGER profiles_statistics_1_totals
    AFTER INSERT ON public.profiles FOR EACH ROW EXECUTE FUNCTION public.refresh_profile_totals();

RESET ROLE;
