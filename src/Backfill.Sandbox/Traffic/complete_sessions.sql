-- $1 ids, $2 created, $3 completed, $4 share tokens, $5 users. Answers of both kinds come with a session, so that it can
-- be scored; those that are there already (the connection broke while they were committed) are left as they are.
WITH session AS (
    INSERT INTO public.assessment_sessions
        (id, status, created_at, completed_at, updated_at, completed_questions, share_token, share_token_expires_at, user_id, metadata)
    SELECT id, 'completed', created_at, completed_at, completed_at, 4, share_token, completed_at + interval '10 years', user_id, '{"source": "traffic"}'
    FROM unnest($1, $2, $3, $4, $5) AS s (id, created_at, completed_at, share_token, user_id)
    ON CONFLICT (id) DO NOTHING
    RETURNING id, created_at
),
response AS (
    INSERT INTO public.assessment_responses (id, session_id, question_id, answer_value, created_at)
    SELECT md5(s.id || ':response:' || q)::uuid, s.id, q, (1 + get_byte(uuid_send(s.id), q) % 5)::text, s.created_at + q * interval '20 seconds'
    FROM session AS s, generate_series(1, 4) AS q
)
INSERT INTO public.fc_responses (session_id, block_id, option_id)
SELECT s.id, b.id, o.id
FROM session AS s
JOIN public.fc_blocks AS b ON b.is_active AND b.order_index <= 4
JOIN public.fc_options AS o ON o.block_id = b.id AND o.option_code = chr(65 + get_byte(uuid_send(s.id), b.order_index) % 4)
