SET LOCAL ROLE postgres;

CREATE FUNCTION public.set_updated_at() RETURNS trigger
LANGUAGE plpgsql
SET search_path = ''
AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$$;

CREATE TRIGGER fc_scores_set_updated_at
    BEFORE UPDATE ON public.fc_scores
    FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

RESET ROLE;
