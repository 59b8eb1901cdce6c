-- The day of the first plan: there are no results apart from profiles, and a profile that comes rewrites three statistics.
SET LOCAL ROLE postgres;

DROP TABLE public.scoring_results_types, public.scoring_results_functions, public.scoring_results_state, public.scoring_results;

ALTER TABLE public.profiles
    DROP COLUMN computed_at,
    ADD COLUMN fc_answered_ct int,
    ADD COLUMN submitted_at timestamptz;

ALTER TABLE public.fc_responses
    DROP COLUMN id,
    ADD PRIMARY KEY (session_id, block_id);

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

CREATE FUNCTION public.refresh_profile_types() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    INSERT INTO public.dashboard_statistics (statistic, figures)
    SELECT 'types', coalesce(jsonb_object_agg(coalesce(p.type_code, 'none'), p.profiles), '{}')
    FROM (SELECT type_code, count(*) AS profiles FROM public.profiles GROUP BY type_code) AS p
    ON CONFLICT (statistic) DO UPDATE SET figures = EXCLUDED.figures, updated_at = now();
    RETURN NULL;
END
$$;

CREATE FUNCTION public.refresh_profile_validity() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    INSERT INTO public.dashboard_statistics (statistic, figures)
    SELECT 'validity', coalesce(jsonb_object_agg(coalesce(p.validity_status, 'none'), p.profiles), '{}')
    FROM (SELECT validity_status, count(*) AS profiles FROM public.profiles GROUP BY validity_status) AS p
    ON CONFLICT (statistic) DO UPDATE SET figures = EXCLUDED.figures, updated_at = now();
    RETURN NULL;
END
$$;

-- They fire in the order of their names, so that two profiles that come at once don't wait for each other in a circle.
CREATE TRIGGER profiles_statistics_1_totals
    AFTER INSERT ON public.profiles FOR EACH ROW EXECUTE FUNCTION public.refresh_profile_totals();
CREATE TRIGGER profiles_statistics_2_types
    AFTER INSERT ON public.profiles FOR EACH ROW EXECUTE FUNCTION public.refresh_profile_types();
CREATE TRIGGER profiles_statistics_3_validity
    AFTER INSERT ON public.profiles FOR EACH ROW EXECUTE FUNCTION public.refresh_profile_validity();

RESET ROLE;
