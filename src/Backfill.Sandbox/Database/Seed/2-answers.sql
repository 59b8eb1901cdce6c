INSERT INTO public.assessment_responses (id, session_id, question_id, answer_value, created_at)
SELECT pg_temp.seeded_id('response', s.n * 1000 + q), s.id, q,
       (1 + abs(s.n * 31 + q * 17 + current_setting('sandbox.seed')::bigint) % 5)::text,
       s.started_at + q * interval '20 seconds'
FROM seeded AS s, generate_series(1, s.responses) AS q
ORDER BY s.n, q;

-- Twelve blocks in force, and four of the version before.
INSERT INTO public.fc_blocks (id, version, is_active, order_index)
SELECT pg_temp.seeded_id('block', b), CASE WHEN b <= 12 THEN 'v1.2' ELSE 'v1.1' END, b <= 12, CASE WHEN b <= 12 THEN b ELSE b - 12 END
FROM generate_series(1, 16) AS b;

INSERT INTO public.fc_options (id, block_id, option_code, weights_json)
SELECT pg_temp.seeded_id('option', b * 4 + o), pg_temp.seeded_id('block', b), chr(65 + o),
       jsonb_build_object(func[1 + (b * 3 + o) % 8], 1.0, func[1 + (b + o * 5 + 2) % 8], 0.5)
FROM generate_series(1, 16) AS b, generate_series(0, 3) AS o,
     (SELECT ARRAY['Ti', 'Te', 'Fi', 'Fe', 'Ni', 'Ne', 'Si', 'Se'] AS func) AS f;

INSERT INTO public.fc_responses (id, session_id, block_id, option_id)
SELECT pg_temp.seeded_id('fc_response', s.n * 100 + b.order_index), s.id, b.id, o.id
FROM seeded AS s
JOIN public.fc_blocks AS b ON b.is_active AND b.order_index <= s.fc_responses
JOIN public.fc_options AS o
    ON o.block_id = b.id
   AND o.option_code = chr(65 + (abs(s.n * 7 + b.order_index + current_setting('sandbox.seed')::bigint) % 4)::int)
ORDER BY s.n, b.order_index;
