SELECT s.id, s.completed_at, s.results_version, s.has_profile, s.has_fc_scores, s.fc_responses, a.user_id, a.share_token
FROM pg_temp.seeded AS s
JOIN public.assessment_sessions AS a USING (id)
WHERE s.has_profile OR s.has_fc_scores
ORDER BY s.n
