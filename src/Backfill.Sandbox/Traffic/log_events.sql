-- $1 sessions, $2 forced choice scored, $3 profile made, $4 whether the engine's version was overridden.
INSERT INTO public.fn_logs (at, evt, payload)
SELECT log.at, log.evt, jsonb_build_object('session_id', s.id)
FROM unnest($1, $2, $3, $4) AS s (id, fc_at, made_at, is_overridden)
CROSS JOIN LATERAL (
    VALUES (s.fc_at, 'score_fc_session', true),
           (s.made_at, 'score_prism', true),
           (s.made_at, 'engine_version_override', s.is_overridden)
) AS log (at, evt, happened)
WHERE log.happened
ORDER BY log.at, s.id
