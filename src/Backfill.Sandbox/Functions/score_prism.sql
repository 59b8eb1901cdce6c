-- One statement, one round trip. No row comes back, and none is written, where the session has no responses.
WITH session AS (
    SELECT s.id, s.user_id, s.share_token, coalesce(s.completed_at, s.created_at) AS ended_at
    FROM public.assessment_sessions AS s
    WHERE s.id = $1
      AND EXISTS (SELECT FROM public.assessment_responses AS r WHERE r.session_id = s.id)
),
forced_choice AS (
    SELECT f.scores_json
    FROM public.fc_scores AS f
    WHERE f.session_id = $1 AND f.version = 'v1.2' AND f.fc_kind = 'functions'
),
content AS (
    SELECT session.*, $3::jsonb || jsonb_build_object('fc_scores', (SELECT scores_json FROM forced_choice)) AS payload
    FROM session
),
profile AS (
    INSERT INTO public.profiles AS p
        (session_id, id, type_code, confidence, payload, results_version, version, scoring_version, share_token, top_types, fit_band,
         validity_status, overlay, top_gap, conf_raw, conf_calibrated, score_fit_calibrated, created_at, updated_at, computed_at)
    SELECT id, $2, $4, $5, payload, $6, $6, $6, share_token, $7, $8,
           $9, $10, $11, $12, $13, $14, CASE WHEN $15 THEN ended_at ELSE now() END, now(), now()
    FROM content
    -- As the live function: everything is overwritten, and created_at may move back.
    ON CONFLICT (session_id) DO UPDATE
        SET type_code = EXCLUDED.type_code,
            confidence = EXCLUDED.confidence,
            payload = EXCLUDED.payload,
            results_version = EXCLUDED.results_version,
            version = EXCLUDED.version,
            scoring_version = EXCLUDED.scoring_version,
            share_token = EXCLUDED.share_token,
            top_types = EXCLUDED.top_types,
            fit_band = EXCLUDED.fit_band,
            validity_status = EXCLUDED.validity_status,
            overlay = EXCLUDED.overlay,
            top_gap = EXCLUDED.top_gap,
            conf_raw = EXCLUDED.conf_raw,
            conf_calibrated = EXCLUDED.conf_calibrated,
            score_fit_calibrated = EXCLUDED.score_fit_calibrated,
            created_at = least(p.created_at, EXCLUDED.created_at),
            updated_at = EXCLUDED.updated_at,
            computed_at = EXCLUDED.computed_at
    RETURNING p.session_id
),
result AS (
    INSERT INTO public.scoring_results (session_id, user_id, scoring_version, payload, type_code, confidence, computed_at)
    SELECT id, user_id, $6, payload, $4, $5, now() FROM content
    ON CONFLICT (session_id) DO UPDATE
        SET user_id = EXCLUDED.user_id,
            scoring_version = EXCLUDED.scoring_version,
            payload = EXCLUDED.payload,
            type_code = EXCLUDED.type_code,
            confidence = EXCLUDED.confidence,
            computed_at = EXCLUDED.computed_at
),
type_gone AS (
    DELETE FROM public.scoring_results_types AS t USING profile WHERE t.session_id = profile.session_id AND t.type_code <> ALL ($16)
),
type AS (
    INSERT INTO public.scoring_results_types (session_id, type_code, rank, fit)
    SELECT session_id, code, rank, fit FROM profile, unnest($16, $17) WITH ORDINALITY AS t (code, fit, rank)
    ON CONFLICT (session_id, type_code) DO UPDATE SET rank = EXCLUDED.rank, fit = EXCLUDED.fit
),
func AS (
    INSERT INTO public.scoring_results_functions (session_id, func, strength, dimension)
    SELECT session_id, code, strength, dimension FROM profile, unnest($18, $19, $20) AS f (code, strength, dimension)
    ON CONFLICT (session_id, func) DO UPDATE SET strength = EXCLUDED.strength, dimension = EXCLUDED.dimension
),
state AS (
    INSERT INTO public.scoring_results_state (session_id, state, level)
    SELECT session_id, code, level FROM profile, unnest($21, $22) AS s (code, level)
    ON CONFLICT (session_id, state) DO UPDATE SET level = EXCLUDED.level
)
SELECT (SELECT scores_json::text FROM forced_choice) FROM profile
