-- $1 session, $2 version, $3 kind, $4 scores. No row comes back, and none is written, where nothing was answered.
WITH answered AS (
    SELECT count(*)::int AS blocks FROM public.fc_responses WHERE session_id = $1
)
INSERT INTO public.fc_scores (session_id, version, fc_kind, scores_json, blocks_answered, created_at, updated_at)
SELECT $1, $2, $3, $4, blocks, now(), now() FROM answered WHERE blocks > 0
ON CONFLICT (session_id, version, fc_kind) DO UPDATE
    SET scores_json = EXCLUDED.scores_json,
        blocks_answered = EXCLUDED.blocks_answered
RETURNING blocks_answered
