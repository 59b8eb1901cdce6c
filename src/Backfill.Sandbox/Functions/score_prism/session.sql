-- $1 session. What the function reads before it writes. No row comes back where the session has no responses.
-- The time is read here, once: all rows of a call carry it, also those that are committed later.
SELECT s.user_id,
       s.share_token,
       coalesce(s.completed_at, s.created_at) AS ended_at,
       now() AS called_at,
       (SELECT f.scores_json::text
        FROM public.fc_scores AS f
        WHERE f.session_id = s.id AND f.version = 'v1.2' AND f.fc_kind = 'functions') AS fc_scores
FROM public.assessment_sessions AS s
WHERE s.id = $1
  AND EXISTS (SELECT FROM public.assessment_responses AS r WHERE r.session_id = s.id)
