SET LOCAL ROLE postgres;

-- It returns one composite value, not a set: where nothing matches, that is one row in which every column is null.
CREATE FUNCTION public.get_profile_by_session(p_session_id uuid, p_share_token text) RETURNS public.profiles
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = ''
AS $$
    SELECT p.*
    FROM public.profiles AS p
    JOIN public.assessment_sessions AS s ON s.id = p.session_id
    WHERE p.session_id = p_session_id
      AND s.status = 'completed'
      AND s.share_token = p_share_token
$$;

REVOKE EXECUTE ON FUNCTION public.get_profile_by_session(uuid, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.get_profile_by_session(uuid, text) TO anon, authenticated, service_role;

RESET ROLE;
