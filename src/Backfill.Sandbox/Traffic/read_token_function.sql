SELECT pg_get_functiondef('public.get_profile_by_session(uuid, text)'::regprocedure)
