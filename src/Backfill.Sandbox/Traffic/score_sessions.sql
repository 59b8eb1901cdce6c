-- $1 sessions, $2 forced choice scored, $3 profile made, $4 kind of the scores, $5 version of the profile, $6 scores, and
-- $7 to $18 the profile. A session that is gone, or has been scored meanwhile, is left alone; the others come back.
WITH scored AS (
    SELECT r.*, s.user_id, s.share_token, r.content || jsonb_build_object('fc_scores', r.scores) AS payload
    FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) AS r
        (session_id, fc_at, made_at, fc_kind, results_version, scores, id, content, type_code, confidence, top_types,
         fit_band, validity_status, overlay, top_gap, conf_raw, conf_calibrated, score_fit_calibrated)
    JOIN public.assessment_sessions AS s ON s.id = r.session_id
),
forced_choice AS (
    INSERT INTO public.fc_scores (session_id, version, fc_kind, scores_json, blocks_answered, created_at, updated_at)
    SELECT session_id, 'v1.2', fc_kind, scores, 4, fc_at, fc_at FROM scored
    ON CONFLICT (session_id, version, fc_kind) DO NOTHING
),
profile AS (
    INSERT INTO public.profiles
        (session_id, id, type_code, confidence, payload, results_version, version, scoring_version, share_token, top_types, fit_band,
         validity_status, overlay, top_gap, conf_raw, conf_calibrated, score_fit_calibrated, created_at, updated_at{{columns}})
    SELECT session_id, id, type_code, confidence, payload, results_version, results_version, results_version, share_token, top_types, fit_band,
           validity_status, overlay, top_gap, conf_raw, conf_calibrated, score_fit_calibrated, made_at, made_at{{values}}
    FROM scored
    ON CONFLICT (session_id) DO NOTHING
    RETURNING session_id
){{result}}
SELECT session_id FROM profile
