-- $1 session, $2 user, $3 version, $4 payload, $5 type, $6 confidence, $7 called at
INSERT INTO public.scoring_results (session_id, user_id, scoring_version, payload, type_code, confidence, computed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (session_id) DO UPDATE
    SET user_id = EXCLUDED.user_id,
        scoring_version = EXCLUDED.scoring_version,
        payload = EXCLUDED.payload,
        type_code = EXCLUDED.type_code,
        confidence = EXCLUDED.confidence,
        computed_at = EXCLUDED.computed_at
