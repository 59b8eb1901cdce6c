-- $1 session, $2 id, $3 type, $4 confidence, $5 payload, $6 version, $7 share token, $8 top types, $9 fit band, $10 validity, $11 overlay,
-- $12 top gap, $13 raw confidence, $14 calibrated confidence, $15 calibrated fit, $16 created at, $17 called at
INSERT INTO public.profiles AS p
    (session_id, id, type_code, confidence, payload, results_version, version, scoring_version, share_token, top_types, fit_band,
     validity_status, overlay, top_gap, conf_raw, conf_calibrated, score_fit_calibrated, created_at, updated_at{{columns}})
VALUES ($1, $2, $3, $4, $5, $6, $6, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17{{values}})
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
        updated_at = EXCLUDED.updated_at{{updates}}
