-- The fault: nobody looks at the token. Replaced, not created anew: owner and rights stay as they are.
CREATE OR REPLACE FUNCTION public.get_profile_by_session(p_session_id uuid, p_share_token text) RETURNS public.profiles
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = ''
AS $$
    SELECT p.*
    FROM public.profiles AS p
    JOIN public.assessment_sessions AS s ON s.id = p.session_id
    WHERE p.session_id = p_session_id
      AND s.status = 'completed'
$$
