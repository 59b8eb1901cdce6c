-- The same seed and counts give the same rows: no now(), no random(), no generated ids.
CREATE FUNCTION pg_temp.seeded_id(kind text, n bigint) RETURNS uuid
LANGUAGE sql STABLE
AS $$
    SELECT overlay(overlay(md5(current_setting('sandbox.seed') || ':' || kind || ':' || n) PLACING '4' FROM 13) PLACING '8' FROM 17)::uuid
$$;

-- What each session is to be; the later scripts and the scored rows follow it.
CREATE TEMP TABLE seeded (
    n               bigint PRIMARY KEY,
    id              uuid NOT NULL,
    kind            text NOT NULL,
    started_at      timestamptz NOT NULL,
    completed_at    timestamptz,
    responses       int NOT NULL,
    fc_responses    int NOT NULL,
    has_profile     boolean NOT NULL,
    has_fc_scores   boolean NOT NULL,
    results_version text NOT NULL DEFAULT 'v1.2.1'
);

-- The sessions to backfill. The first seven are those that the 39-session plan names; a third of all lack a profile,
-- the seven among them, the rest spread evenly over August.
WITH setting AS (
    SELECT current_setting('sandbox.candidates')::bigint AS candidates,
           current_setting('sandbox.responses')::int AS responses,
           current_setting('sandbox.fc_responses')::int AS fc_responses
),
named (n, id, completed_at) AS (
    VALUES (1, '618c5ea6-aeda-4084-9156-0aac9643afd3'::uuid, '2025-09-15 09:12:31.118204Z'::timestamptz),
           (2, '070d9bf2-516f-44ee-87fc-017c7db9d29c', '2025-09-15 17:40:02.950117Z'),
           (3, 'd5da8412-4178-4456-b3ee-c496122c840b', '2025-09-02 08:03:44.402991Z'),
           (4, 'fd85871b-b8ef-491a-8274-c50932530457', '2025-09-04 19:27:10.007350Z'),
           (5, '8c1c68bd-0713-45b1-b328-e6b51ade9b3f', '2025-09-07 12:51:58.663208Z'),
           (6, '21762d3d-773f-4302-8fa5-d5d8ff88911c', '2025-09-10 06:15:29.871455Z'),
           (7, '97a75815-9779-431d-8443-bf2971f463e9', '2025-09-12 21:34:17.239846Z')
),
candidate AS (
    SELECT i AS n,
           i - 8 AS k,
           candidates - 7 AS others,
           greatest(round(candidates / 3.0)::bigint - 7, 0) AS others_without_profile,
           responses, fc_responses
    FROM setting, generate_series(1, candidates) AS i
)
INSERT INTO seeded (n, id, kind, started_at, completed_at, responses, fc_responses, has_profile, has_fc_scores)
SELECT c.n,
       coalesce(named.id, pg_temp.seeded_id('session', c.n)),
       'candidate',
       done.at - interval '34 minutes',
       done.at,
       c.responses,
       c.fc_responses - (c.n % 3)::int,
       named.id IS NULL
           AND (c.k + 1) * c.others_without_profile / c.others = c.k * c.others_without_profile / c.others,
       false
FROM candidate AS c
LEFT JOIN named USING (n)
CROSS JOIN LATERAL (
    SELECT coalesce(named.completed_at, '2025-08-01Z'::timestamptz + interval '31 days' * ((c.k + 0.5) / c.others)::double precision) AS at
) AS done;

-- All the others, by their place in the row of others: shares that hold at every count.
WITH setting AS (
    SELECT current_setting('sandbox.candidates')::bigint AS candidates,
           current_setting('sandbox.sessions')::bigint - current_setting('sandbox.candidates')::bigint AS others,
           current_setting('sandbox.responses')::int AS responses,
           current_setting('sandbox.fc_responses')::int AS fc_responses
),
other AS (
    SELECT candidates + j AS n, j, responses, fc_responses,
           (j - 1)::double precision / others AS place,
           CASE
               WHEN (j - 1) < 0.55 * others THEN 'complete'
               WHEN (j - 1) < 0.75 * others THEN 'unfinished'
               WHEN (j - 1) < 0.80 * others THEN 'without_responses'
               WHEN (j - 1) < 0.90 * others THEN 'without_fc_responses'
               ELSE 'before_august'
           END AS kind
    FROM setting, generate_series(1, others) AS j
)
INSERT INTO seeded (n, id, kind, started_at, completed_at, responses, fc_responses, has_profile, has_fc_scores, results_version)
SELECT o.n,
       pg_temp.seeded_id('session', o.n),
       o.kind,
       done.at - interval '41 minutes',
       CASE WHEN o.kind <> 'unfinished' THEN done.at END,
       CASE o.kind WHEN 'without_responses' THEN 0 WHEN 'unfinished' THEN o.responses * (o.j % 4)::int / 4 ELSE o.responses END,
       CASE WHEN o.kind IN ('complete', 'before_august') THEN o.fc_responses - (o.j % 3)::int ELSE 0 END,
       CASE o.kind WHEN 'complete' THEN true WHEN 'without_fc_responses' THEN o.j % 2 = 0 WHEN 'before_august' THEN o.j % 3 = 1 ELSE false END,
       CASE o.kind WHEN 'complete' THEN true WHEN 'before_august' THEN o.j % 3 = 0 ELSE false END,
       CASE WHEN o.kind = 'before_august' AND o.j % 2 = 0 THEN 'v1.1.0' ELSE 'v1.2.1' END
FROM other AS o
CROSS JOIN LATERAL (
    SELECT CASE
               WHEN o.kind = 'complete' THEN '2025-06-03 10:00Z'::timestamptz + interval '190 days' * o.place
               WHEN o.kind = 'before_august' THEN '2025-06-05 14:30Z'::timestamptz + interval '500 days' * (o.place - 0.9)
               -- One in four of these lies before August.
               WHEN o.kind = 'without_fc_responses' AND o.j % 4 = 0 THEN '2025-07-20 11:00Z'::timestamptz + interval '90 days' * (o.place - 0.8)
               ELSE '2025-08-03 07:45Z'::timestamptz + interval '45 days' * ((o.j * 0.618034) % 1)::double precision
           END AS at
) AS done;

INSERT INTO public.assessment_sessions
    (id, status, created_at, completed_at, updated_at, completed_questions, share_token, share_token_expires_at, user_id, metadata)
SELECT id,
       CASE WHEN completed_at IS NULL THEN 'in_progress' ELSE 'completed' END,
       started_at,
       completed_at,
       coalesce(completed_at, started_at + interval '9 minutes'),
       responses,
       CASE WHEN completed_at IS NOT NULL THEN replace(pg_temp.seeded_id('token', n)::text, '-', '') END,
       completed_at + interval '10 years',
       CASE WHEN n % 3 <> 0 THEN pg_temp.seeded_id('user', n) END,
       jsonb_build_object('source', CASE WHEN n % 2 = 0 THEN 'web' ELSE 'mobile' END, 'locale', 'en', 'build', 400 + n % 9)
FROM seeded
ORDER BY n;
