INSERT INTO public.fn_logs (at, evt, payload)
SELECT log.at, log.evt, jsonb_build_object('session_id', s.id, 'duration_ms', 180 + s.n * 37 % 900)
FROM seeded AS s
CROSS JOIN LATERAL (
    VALUES (s.completed_at + interval '20 seconds', 'score_fc_session', s.has_fc_scores),
           (s.completed_at + interval '24 seconds', 'score_prism', s.has_profile)
) AS log (at, evt, was_called)
WHERE log.was_called
  AND s.n <= current_setting('sandbox.candidates')::bigint + 500
ORDER BY log.at, s.n;
