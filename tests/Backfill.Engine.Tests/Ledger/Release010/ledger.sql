-- pg_dump --schema=backfill --inserts of a sandbox on which version 0.1.0 of the module was at work, less settings and comments.
-- Its times are moved into the past, so that leases and quiet periods are over whenever it is loaded.

CREATE SCHEMA backfill;

CREATE SEQUENCE backfill.fence
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE backfill.gate (
    run_id uuid NOT NULL,
    sequence integer NOT NULL,
    gate text NOT NULL,
    action text NOT NULL,
    at timestamp with time zone NOT NULL,
    plan_sha256 text NOT NULL,
    evidence json NOT NULL,
    evidence_sha256 text NOT NULL,
    criteria json NOT NULL,
    other_evidence json,
    overridden boolean NOT NULL,
    reason text,
    operator text NOT NULL,
    database_role text NOT NULL,
    approver text,
    expires_at timestamp with time zone,
    used_for text,
    previous_sha256 text NOT NULL,
    sha256 text NOT NULL,
    CONSTRAINT gate_action_check CHECK ((action = ANY (ARRAY['Approved'::text, 'Denied'::text, 'Used'::text]))),
    CONSTRAINT gate_check CHECK (((action = 'Used'::text) = (used_for IS NOT NULL))),
    CONSTRAINT gate_check1 CHECK (((action = 'Used'::text) = (reason IS NULL))),
    CONSTRAINT gate_check2 CHECK (((action = 'Approved'::text) = (expires_at IS NOT NULL))),
    CONSTRAINT gate_gate_check CHECK ((gate = ANY (ARRAY['ApplyReview'::text, 'SoakGoNoGo'::text, 'ProdApply'::text]))),
    CONSTRAINT gate_sequence_check CHECK ((sequence > 0))
);

CREATE TABLE backfill.image (
    run_id uuid NOT NULL,
    session_id uuid NOT NULL,
    table_name text NOT NULL,
    key text NOT NULL,
    before_record text,
    before_version text,
    after_sha256 bytea,
    after_version text,
    recorded jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT image_check CHECK (((before_record IS NULL) = (before_version IS NULL))),
    CONSTRAINT image_check1 CHECK (((after_sha256 IS NULL) = (after_version IS NULL)))
);

CREATE TABLE backfill.install (
    only_row boolean DEFAULT true NOT NULL,
    install_id uuid DEFAULT gen_random_uuid() NOT NULL,
    environment text NOT NULL,
    system_identifier text NOT NULL,
    database_oid bigint NOT NULL,
    project_ref text NOT NULL,
    is_sandbox boolean NOT NULL,
    schema_version integer NOT NULL,
    installed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    installed_by text DEFAULT CURRENT_USER NOT NULL,
    CONSTRAINT install_environment_check CHECK ((environment = ANY (ARRAY['staging'::text, 'production'::text]))),
    CONSTRAINT install_only_row_check CHECK (only_row)
);

CREATE TABLE backfill.item (
    run_id uuid NOT NULL,
    ordinal integer NOT NULL,
    batch_id text NOT NULL,
    session_id uuid NOT NULL,
    state text DEFAULT 'pending'::text NOT NULL,
    claims integer DEFAULT 0 NOT NULL,
    worker_id uuid,
    fence bigint,
    lease_until timestamp with time zone,
    not_before timestamp with time zone,
    outcome text,
    category text,
    reason text,
    applied_by_run uuid,
    rows_inserted integer DEFAULT 0 NOT NULL,
    rows_updated integer DEFAULT 0 NOT NULL,
    rows_deleted integer DEFAULT 0 NOT NULL,
    started_at timestamp with time zone,
    settled_at timestamp with time zone,
    CONSTRAINT item_check CHECK (((state = 'settled'::text) = (outcome IS NOT NULL))),
    CONSTRAINT item_check1 CHECK (((state = 'claimed'::text) = (lease_until IS NOT NULL))),
    CONSTRAINT item_outcome_check CHECK ((outcome = ANY (ARRAY['Succeeded'::text, 'NoEffect'::text, 'Failed'::text, 'Skipped'::text, 'Unknown'::text]))),
    CONSTRAINT item_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'claimed'::text, 'settled'::text])))
);

CREATE TABLE backfill.operation (
    run_id uuid NOT NULL,
    session_id uuid NOT NULL,
    "position" integer NOT NULL,
    attempt integer NOT NULL,
    function text NOT NULL,
    params json NOT NULL,
    fence bigint NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    sent_at timestamp with time zone,
    duration_ms bigint,
    status_code integer,
    outcome text,
    category text,
    message text,
    response jsonb,
    CONSTRAINT operation_outcome_check CHECK ((outcome = ANY (ARRAY['Succeeded'::text, 'NoEffect'::text, 'Failed'::text, 'Skipped'::text, 'Unknown'::text])))
);

CREATE TABLE backfill.pace (
    only_row boolean DEFAULT true NOT NULL,
    last_slot timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    spacing interval DEFAULT '00:00:00'::interval NOT NULL,
    CONSTRAINT pace_only_row_check CHECK (only_row)
);

CREATE TABLE backfill.plan (
    plan_sha256 text NOT NULL,
    document text NOT NULL,
    path text NOT NULL,
    frozen_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

CREATE TABLE backfill.plan_session (
    plan_sha256 text NOT NULL,
    ordinal integer NOT NULL,
    batch_id text NOT NULL,
    session_id uuid NOT NULL
);

CREATE TABLE backfill.rollback (
    rollback_id uuid NOT NULL,
    run_id uuid NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    whole_run boolean NOT NULL,
    on_conflict text NOT NULL,
    by_script boolean NOT NULL,
    sessions bigint NOT NULL,
    deleted bigint NOT NULL,
    restored bigint NOT NULL,
    reinserted bigint NOT NULL,
    conflicts bigint NOT NULL,
    verified boolean NOT NULL,
    operator text NOT NULL,
    database_role text DEFAULT CURRENT_USER NOT NULL,
    reason text,
    CONSTRAINT rollback_on_conflict_check CHECK ((on_conflict = ANY (ARRAY['Stop'::text, 'Skip'::text])))
);

CREATE TABLE backfill.rollback_conflict (
    rollback_id uuid NOT NULL,
    session_id uuid NOT NULL,
    table_name text NOT NULL,
    key text NOT NULL,
    conflict text NOT NULL,
    detail text,
    CONSTRAINT rollback_conflict_conflict_check CHECK ((conflict = ANY (ARRAY['Changed'::text, 'Deleted'::text, 'Unsettled'::text, 'Referenced'::text, 'ParentGone'::text])))
);

CREATE TABLE backfill.rollback_session (
    run_id uuid NOT NULL,
    session_id uuid NOT NULL,
    rollback_id uuid NOT NULL
);

CREATE TABLE backfill.rollback_table (
    rollback_id uuid NOT NULL,
    table_name text NOT NULL,
    deleted bigint NOT NULL,
    restored bigint NOT NULL,
    reinserted bigint NOT NULL,
    conflicts bigint NOT NULL,
    verified boolean NOT NULL,
    rewritten text[] DEFAULT '{}'::text[] NOT NULL
);

CREATE TABLE backfill.run (
    run_id uuid NOT NULL,
    plan_sha256 text NOT NULL,
    state text DEFAULT 'Pending'::text NOT NULL,
    wanted_state text DEFAULT 'Running'::text NOT NULL,
    state_reason text,
    state_by text,
    state_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    throttle_per_minute integer NOT NULL,
    concurrency_limit integer NOT NULL,
    lease interval NOT NULL,
    quiet_period interval NOT NULL,
    call_timeout interval NOT NULL,
    max_consecutive_failures integer NOT NULL,
    max_failure_ratio double precision NOT NULL,
    minimum_sample integer NOT NULL,
    target jsonb NOT NULL,
    operator text NOT NULL,
    database_role text DEFAULT CURRENT_USER NOT NULL,
    module_version text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    started_at timestamp with time zone,
    resumed_at timestamp with time zone,
    finished_at timestamp with time zone,
    last_slot timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    gate_count integer DEFAULT 0 NOT NULL,
    gate_head text,
    CONSTRAINT run_concurrency_limit_check CHECK ((concurrency_limit > 0)),
    CONSTRAINT run_max_consecutive_failures_check CHECK ((max_consecutive_failures > 0)),
    CONSTRAINT run_max_failure_ratio_check CHECK (((max_failure_ratio > (0)::double precision) AND (max_failure_ratio <= (1)::double precision))),
    CONSTRAINT run_state_check CHECK ((state = ANY (ARRAY['Pending'::text, 'Running'::text, 'Paused'::text, 'Halted'::text, 'Completed'::text, 'Aborted'::text, 'RolledBack'::text]))),
    CONSTRAINT run_throttle_per_minute_check CHECK ((throttle_per_minute > 0)),
    CONSTRAINT run_wanted_state_check CHECK ((wanted_state = ANY (ARRAY['Running'::text, 'Paused'::text, 'Aborted'::text])))
);

CREATE TABLE backfill.run_event (
    event_id bigint NOT NULL,
    run_id uuid NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    event text NOT NULL,
    state text NOT NULL,
    wanted_state text NOT NULL,
    throttle_per_minute integer NOT NULL,
    concurrency_limit integer NOT NULL,
    by_whom text NOT NULL,
    database_role text DEFAULT CURRENT_USER NOT NULL,
    reason text
);

ALTER TABLE backfill.run_event ALTER COLUMN event_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME backfill.run_event_event_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE backfill.run_health (
    run_id uuid NOT NULL,
    measured_at timestamp with time zone NOT NULL,
    sessions integer NOT NULL,
    needing_backfill integer NOT NULL,
    not_backfillable integer NOT NULL,
    missing integer NOT NULL,
    problem text
);

CREATE TABLE backfill.soak (
    soak_id uuid NOT NULL,
    run_id uuid NOT NULL,
    window_start timestamp with time zone NOT NULL,
    window_end timestamp with time zone NOT NULL,
    sample_interval interval NOT NULL,
    settings jsonb NOT NULL,
    state text DEFAULT 'Open'::text NOT NULL,
    verdict text,
    reason text,
    operator text NOT NULL,
    database_role text DEFAULT CURRENT_USER NOT NULL,
    begun_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT soak_check CHECK ((window_start < window_end)),
    CONSTRAINT soak_check1 CHECK (((state = 'Ended'::text) = (verdict IS NOT NULL))),
    CONSTRAINT soak_check2 CHECK (((state = 'Ended'::text) = (ended_at IS NOT NULL))),
    CONSTRAINT soak_state_check CHECK ((state = ANY (ARRAY['Open'::text, 'Ended'::text]))),
    CONSTRAINT soak_verdict_check CHECK ((verdict = ANY (ARRAY['Pass'::text, 'Fail'::text, 'Inconclusive'::text])))
);

CREATE TABLE backfill.soak_sample (
    soak_id uuid NOT NULL,
    number integer NOT NULL,
    at timestamp with time zone NOT NULL,
    facts jsonb NOT NULL,
    checks jsonb NOT NULL,
    verdict text NOT NULL,
    cost_ms bigint,
    statements integer,
    recorded_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT soak_sample_number_check CHECK ((number > 0)),
    CONSTRAINT soak_sample_verdict_check CHECK ((verdict = ANY (ARRAY['Pass'::text, 'Fail'::text, 'Inconclusive'::text])))
);

CREATE TABLE backfill.worker (
    worker_id uuid NOT NULL,
    run_id uuid NOT NULL,
    operator text NOT NULL,
    process_id integer NOT NULL,
    started_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    seen_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    ended_at timestamp with time zone,
    waiting_for text,
    waited_for interval DEFAULT '00:00:00'::interval NOT NULL
);

INSERT INTO backfill.image VALUES ('01a22e5d-228b-718e-9eb0-47a5a79358fc', '5e551000-0000-4000-8000-000000000001', 'public.fc_scores', '(5e551000-0000-4000-8000-000000000001,v1.2,functions)', NULL, NULL, '\xa0e703c5762a25aab2f9bbd982f5b49b6326953ccdc84ba772fc37a005676b57', '806', '{"fc_kind": "functions", "version": "v1.2"}');
INSERT INTO backfill.image VALUES ('01a22e5d-228b-718e-9eb0-47a5a79358fc', '5e551000-0000-4000-8000-000000000001', 'public.profiles', '(5e551000-0000-4000-8000-000000000001)', NULL, NULL, '\xc327d5329090879b815ebab948932ccd708b6446fdaacc44ac0dbc2df1b4ca09', '808', '{"results_version": "v1.2.1"}');
INSERT INTO backfill.image VALUES ('01a22e5d-228b-718e-9eb0-47a5a79358fc', '5e551000-0000-4000-8000-000000000001', 'public.scoring_results', '(5e551000-0000-4000-8000-000000000001)', NULL, NULL, '\xdf1389d385baa6cf59cf376663943eca0e945de83dbaa735a92949d06d6b0704', '808', '{}');
INSERT INTO backfill.image VALUES ('01a22e5d-228b-718e-9eb0-47a5a79358fc', '5e551000-0000-4000-8000-000000000001', 'public.scoring_results_types', '(5e551000-0000-4000-8000-000000000001,LIE)', NULL, NULL, '\xffef9cf4dc18270ee24d8f564b89fa513d6d5dd950699f0bdb19398f703fc1fc', '808', '{}');
INSERT INTO backfill.image VALUES ('01a22e5d-228b-718e-9eb0-47a5a79358fc', '5e551000-0000-4000-8000-000000000001', 'public.scoring_results_types', '(5e551000-0000-4000-8000-000000000001,new)', NULL, NULL, '\x716102c5aed7bef1fdaa03d3fe889d83e234c67fc8d8dcd4ba44e48f020896a8', '808', '{}');
INSERT INTO backfill.image VALUES ('01a22e5d-228b-718e-9eb0-47a5a79358fc', '5e551000-0000-4000-8000-000000000002', 'public.scoring_results_types', '(5e551000-0000-4000-8000-000000000002,ILE)', '(5e551000-0000-4000-8000-000000000002,ILE,1,0.75)', '794', '\xc4bfed3fae862e7262103c1944782e1bdadadec1127282adf1181480cce4e96c', '794', '{}');
INSERT INTO backfill.image VALUES ('01a22e5d-228b-718e-9eb0-47a5a79358fc', '5e551000-0000-4000-8000-000000000002', 'public.fc_scores', '(5e551000-0000-4000-8000-000000000002,v1.2,functions)', NULL, NULL, '\x260007202f107a4e5107ff26d5975a7749dfcb62451a0c41c5e0dddc72565fcb', '812', '{"fc_kind": "functions", "version": "v1.2"}');
INSERT INTO backfill.image VALUES ('01a22e5d-228b-718e-9eb0-47a5a79358fc', '5e551000-0000-4000-8000-000000000002', 'public.profiles', '(5e551000-0000-4000-8000-000000000002)', '(5e551000-0000-4000-8000-000000000002,90f11e00-0000-4000-8000-000000000002,ILE,0.6125,"{""fit"": [1, 0.50], ""note"": ""it''s of an older version""}",v1.1.0,,,,"[""ILE"", ""LIE""]",,,,,,,,"2025-08-20 10:00:00.123456+00","2025-08-20 10:00:00.123456+00","2025-08-20 10:00:00+00")', '792', '\x9803a5a33fc8eb0ef8305a57a8f3b216a3d4cf2db7019df15cbdbae733bbc276', '814', '{"results_version": "v1.2.1"}');
INSERT INTO backfill.image VALUES ('01a22e5d-228b-718e-9eb0-47a5a79358fc', '5e551000-0000-4000-8000-000000000002', 'public.scoring_results', '(5e551000-0000-4000-8000-000000000002)', '(5e551000-0000-4000-8000-000000000002,,v1.1.0,,ILE,0.6125,"2025-08-20 10:00:00+00")', '793', '\x1ab33ef4ee0f101649c38093519a6df882c10c6aaabc1b378135f8436b6b35b3', '814', '{}');
INSERT INTO backfill.image VALUES ('01a22e5d-228b-718e-9eb0-47a5a79358fc', '5e551000-0000-4000-8000-000000000002', 'public.scoring_results_types', '(5e551000-0000-4000-8000-000000000002,LIE)', '(5e551000-0000-4000-8000-000000000002,LIE,2,0.250)', '794', '\x861acb06cc403a54f93b8beb2fd0ef31e51422f4b27c120b7f638b26e2566881', '814', '{}');
INSERT INTO backfill.image VALUES ('01a22e5d-228b-718e-9eb0-47a5a79358fc', '5e551000-0000-4000-8000-000000000002', 'public.scoring_results_types', '(5e551000-0000-4000-8000-000000000002,new)', NULL, NULL, '\xd5b7fef772a4e4ff37b3b4d82e3efd5197ff8c3839660ca019306927c1d2a71f', '814', '{}');
INSERT INTO backfill.image VALUES ('01a22e5d-228b-718e-9eb0-47a5a79358fc', '5e551000-0000-4000-8000-000000000002', 'public.scoring_results_state', '(5e551000-0000-4000-8000-000000000002,calm)', '(5e551000-0000-4000-8000-000000000002,calm,0.5)', '795', NULL, NULL, '{}');

INSERT INTO backfill.install VALUES (true, '3744eb52-e60f-4a93-9dd5-4e4846093aa8', 'staging', '7714079844266437028', 5, 'qngirwzwduypwqbalhkg', true, 4, '2025-09-18 21:29:42.298238+00', 'postgres');

INSERT INTO backfill.item VALUES ('01a22e5d-228b-718e-9eb0-47a5a79358fc', 4, 'test', '5e551000-0000-4000-8000-000000000004', 'pending', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, 0, NULL, NULL);
INSERT INTO backfill.item VALUES ('01a22e5d-228b-718e-9eb0-47a5a79358fc', 5, 'test', '5e551000-0000-4000-8000-000000000005', 'pending', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, 0, NULL, NULL);
INSERT INTO backfill.item VALUES ('01a22e5d-228b-718e-9eb0-47a5a79358fc', 1, 'test', '5e551000-0000-4000-8000-000000000001', 'settled', 1, NULL, 1, NULL, NULL, 'Succeeded', NULL, NULL, NULL, 5, 0, 0, '2025-09-18 21:29:46.075941+00', '2025-09-18 21:29:46.66565+00');
INSERT INTO backfill.item VALUES ('01a22e5d-228b-718e-9eb0-47a5a79358fc', 2, 'test', '5e551000-0000-4000-8000-000000000002', 'settled', 1, NULL, 2, NULL, NULL, 'Succeeded', NULL, NULL, NULL, 2, 3, 1, '2025-09-18 21:29:46.740842+00', '2025-09-18 21:29:46.827862+00');
INSERT INTO backfill.item VALUES ('01a22e5d-228b-718e-9eb0-47a5a79358fc', 3, 'test', '5e551000-0000-4000-8000-000000000003', 'claimed', 1, '01a22e5d-2477-73b8-997a-b1ba2de9977a', 3, '2025-09-18 21:30:46.838527+00', NULL, NULL, NULL, NULL, NULL, 0, 0, 0, '2025-09-18 21:29:46.838527+00', NULL);

INSERT INTO backfill.operation VALUES ('01a22e5d-228b-718e-9eb0-47a5a79358fc', '5e551000-0000-4000-8000-000000000001', 2, 1, 'score_prism', '{"engine_version":"v1.2.1"}', 1, '2025-09-18 21:29:46.076815+00', '2025-09-18 21:29:46.521362+00', 0, 200, 'Succeeded', NULL, NULL, NULL);
INSERT INTO backfill.operation VALUES ('01a22e5d-228b-718e-9eb0-47a5a79358fc', '5e551000-0000-4000-8000-000000000001', 1, 1, 'score_fc_session', '{"version":"v1.2","basis":"functions"}', 1, '2025-09-18 21:29:46.076651+00', '2025-09-18 21:29:46.197716+00', 0, 200, 'Succeeded', NULL, NULL, NULL);
INSERT INTO backfill.operation VALUES ('01a22e5d-228b-718e-9eb0-47a5a79358fc', '5e551000-0000-4000-8000-000000000002', 2, 1, 'score_prism', '{"engine_version":"v1.2.1"}', 2, '2025-09-18 21:29:46.744637+00', '2025-09-18 21:29:46.760031+00', 0, 200, 'Succeeded', NULL, NULL, NULL);
INSERT INTO backfill.operation VALUES ('01a22e5d-228b-718e-9eb0-47a5a79358fc', '5e551000-0000-4000-8000-000000000002', 1, 1, 'score_fc_session', '{"version":"v1.2","basis":"functions"}', 2, '2025-09-18 21:29:46.744526+00', '2025-09-18 21:29:46.750242+00', 0, 200, 'Succeeded', NULL, NULL, NULL);
INSERT INTO backfill.operation VALUES ('01a22e5d-228b-718e-9eb0-47a5a79358fc', '5e551000-0000-4000-8000-000000000003', 1, 1, 'score_fc_session', '{"version":"v1.2","basis":"functions"}', 3, '2025-09-18 21:29:46.838763+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO backfill.operation VALUES ('01a22e5d-228b-718e-9eb0-47a5a79358fc', '5e551000-0000-4000-8000-000000000003', 2, 1, 'score_prism', '{"engine_version":"v1.2.1"}', 3, '2025-09-18 21:29:46.838781+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);

INSERT INTO backfill.pace VALUES (true, '2025-09-18 21:29:46.83514+00', '00:00:00.001005');

INSERT INTO backfill.plan VALUES ('dca4c1e25f3cb66d0795e81f8a40d58c31bb56e5b8a97a5aa70193f31393b7d6', '{
  "backfill_plan": {
    "version": "32f11b25-4ea7-4348-9757-7f0e23cab18c", "timestamp": "2025-09-17T08:00:00Z", "environment": "staging",
    "engine_version": "v1.2.1", "fc_version": "v1.2",
    "throttle_per_minute": 20, "batch_size": 5, "total_candidates": 1, "expected_runtime_minutes": 1
  },
  "batches": [{"batch_id": "test", "description": "", "sessions": ["5e551000-0000-4000-8000-000000000001","5e551000-0000-4000-8000-000000000002","5e551000-0000-4000-8000-000000000003","5e551000-0000-4000-8000-000000000004","5e551000-0000-4000-8000-000000000005"], "operations": [{"function": "score_fc_session", "params": {"version": "v1.2", "basis": "functions"}},
{"function": "score_prism", "params": {"engine_version": "v1.2.1"}}]}]
}', 'test.json', '2025-09-18 21:29:45.443843+00');

INSERT INTO backfill.plan_session VALUES ('dca4c1e25f3cb66d0795e81f8a40d58c31bb56e5b8a97a5aa70193f31393b7d6', 1, 'test', '5e551000-0000-4000-8000-000000000001');
INSERT INTO backfill.plan_session VALUES ('dca4c1e25f3cb66d0795e81f8a40d58c31bb56e5b8a97a5aa70193f31393b7d6', 2, 'test', '5e551000-0000-4000-8000-000000000002');
INSERT INTO backfill.plan_session VALUES ('dca4c1e25f3cb66d0795e81f8a40d58c31bb56e5b8a97a5aa70193f31393b7d6', 3, 'test', '5e551000-0000-4000-8000-000000000003');
INSERT INTO backfill.plan_session VALUES ('dca4c1e25f3cb66d0795e81f8a40d58c31bb56e5b8a97a5aa70193f31393b7d6', 4, 'test', '5e551000-0000-4000-8000-000000000004');
INSERT INTO backfill.plan_session VALUES ('dca4c1e25f3cb66d0795e81f8a40d58c31bb56e5b8a97a5aa70193f31393b7d6', 5, 'test', '5e551000-0000-4000-8000-000000000005');

INSERT INTO backfill.run VALUES ('01a22e5d-228b-718e-9eb0-47a5a79358fc', 'dca4c1e25f3cb66d0795e81f8a40d58c31bb56e5b8a97a5aa70193f31393b7d6', 'Running', 'Running', NULL, 'tester@here', '2025-09-18 21:29:45.857833+00', 60000, 1, '00:01:00', '00:00:02', '00:00:10', 1000, 1, 50, '{"tables": [{"key": ["session_id", "version", "fc_kind"], "name": "public.fc_scores", "columns": [{"name": "session_id", "type": "uuid"}, {"name": "version", "type": "text"}, {"name": "fc_kind", "type": "text"}, {"name": "scores_json", "type": "jsonb"}, {"name": "blocks_answered", "type": "integer"}, {"name": "created_at", "type": "timestamp with time zone"}, {"name": "updated_at", "type": "timestamp with time zone"}], "recorded": ["version", "fc_kind"], "sessionColumn": "session_id"}, {"key": ["session_id"], "name": "public.profiles", "columns": [{"name": "session_id", "type": "uuid"}, {"name": "id", "type": "uuid"}, {"name": "type_code", "type": "text"}, {"name": "confidence", "type": "numeric"}, {"name": "payload", "type": "jsonb"}, {"name": "results_version", "type": "text"}, {"name": "version", "type": "text"}, {"name": "scoring_version", "type": "text"}, {"name": "share_token", "type": "text"}, {"name": "top_types", "type": "jsonb"}, {"name": "fit_band", "type": "text"}, {"name": "validity_status", "type": "text"}, {"name": "overlay", "type": "text"}, {"name": "top_gap", "type": "numeric"}, {"name": "conf_raw", "type": "numeric"}, {"name": "conf_calibrated", "type": "numeric"}, {"name": "score_fit_calibrated", "type": "numeric"}, {"name": "created_at", "type": "timestamp with time zone"}, {"name": "updated_at", "type": "timestamp with time zone"}, {"name": "computed_at", "type": "timestamp with time zone"}], "recorded": ["results_version"], "sessionColumn": "session_id"}, {"key": ["session_id"], "name": "public.scoring_results", "columns": [{"name": "session_id", "type": "uuid"}, {"name": "user_id", "type": "uuid"}, {"name": "scoring_version", "type": "text"}, {"name": "payload", "type": "jsonb"}, {"name": "type_code", "type": "text"}, {"name": "confidence", "type": "numeric"}, {"name": "computed_at", "type": "timestamp with time zone"}], "recorded": [], "sessionColumn": "session_id"}, {"key": ["session_id", "type_code"], "name": "public.scoring_results_types", "columns": [{"name": "session_id", "type": "uuid"}, {"name": "type_code", "type": "text"}, {"name": "rank", "type": "integer"}, {"name": "fit", "type": "numeric"}], "recorded": [], "sessionColumn": "session_id"}, {"key": ["session_id", "func"], "name": "public.scoring_results_functions", "columns": [{"name": "session_id", "type": "uuid"}, {"name": "func", "type": "text"}, {"name": "strength", "type": "numeric"}, {"name": "dimension", "type": "integer"}], "recorded": [], "sessionColumn": "session_id"}, {"key": ["session_id", "state"], "name": "public.scoring_results_state", "columns": [{"name": "session_id", "type": "uuid"}, {"name": "state", "type": "text"}, {"name": "level", "type": "numeric"}], "recorded": [], "sessionColumn": "session_id"}]}', 'tester@here', 'postgres', '0.1.0', '2025-09-18 21:29:45.536642+00', '2025-09-18 21:29:45.857833+00', '2025-09-18 21:29:45.857833+00', NULL, '2025-09-18 21:29:46.83514+00', 0, NULL);

INSERT INTO backfill.run_event OVERRIDING SYSTEM VALUE VALUES (1, '01a22e5d-228b-718e-9eb0-47a5a79358fc', '2025-09-18 21:29:45.85816+00', 'Started', 'Running', 'Running', 60000, 1, 'tester@here', 'postgres', NULL);

INSERT INTO backfill.worker VALUES ('01a22e5d-2477-73b8-997a-b1ba2de9977a', '01a22e5d-228b-718e-9eb0-47a5a79358fc', 'tester@here', 10582, '2025-09-18 21:29:45.856898+00', '2025-09-18 21:29:47.914429+00', NULL, NULL, '00:00:00.001612');

SELECT pg_catalog.setval('backfill.fence', 3, true);

SELECT pg_catalog.setval('backfill.run_event_event_id_seq', 1, true);

ALTER TABLE ONLY backfill.gate
    ADD CONSTRAINT gate_pkey PRIMARY KEY (run_id, sequence);

ALTER TABLE ONLY backfill.image
    ADD CONSTRAINT image_pkey PRIMARY KEY (run_id, session_id, table_name, key);

ALTER TABLE ONLY backfill.install
    ADD CONSTRAINT install_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY backfill.item
    ADD CONSTRAINT item_pkey PRIMARY KEY (run_id, ordinal);

ALTER TABLE ONLY backfill.item
    ADD CONSTRAINT item_run_id_session_id_key UNIQUE (run_id, session_id);

ALTER TABLE ONLY backfill.operation
    ADD CONSTRAINT operation_pkey PRIMARY KEY (run_id, session_id, "position", attempt);

ALTER TABLE ONLY backfill.pace
    ADD CONSTRAINT pace_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY backfill.plan
    ADD CONSTRAINT plan_pkey PRIMARY KEY (plan_sha256);

ALTER TABLE ONLY backfill.plan_session
    ADD CONSTRAINT plan_session_pkey PRIMARY KEY (plan_sha256, ordinal);

ALTER TABLE ONLY backfill.rollback_conflict
    ADD CONSTRAINT rollback_conflict_pkey PRIMARY KEY (rollback_id, table_name, key);

ALTER TABLE ONLY backfill.rollback
    ADD CONSTRAINT rollback_pkey PRIMARY KEY (rollback_id);

ALTER TABLE ONLY backfill.rollback_session
    ADD CONSTRAINT rollback_session_pkey PRIMARY KEY (run_id, session_id, rollback_id);

ALTER TABLE ONLY backfill.rollback_table
    ADD CONSTRAINT rollback_table_pkey PRIMARY KEY (rollback_id, table_name);

ALTER TABLE ONLY backfill.run_event
    ADD CONSTRAINT run_event_pkey PRIMARY KEY (event_id);

ALTER TABLE ONLY backfill.run_health
    ADD CONSTRAINT run_health_pkey PRIMARY KEY (run_id);

ALTER TABLE ONLY backfill.run
    ADD CONSTRAINT run_pkey PRIMARY KEY (run_id);

ALTER TABLE ONLY backfill.soak
    ADD CONSTRAINT soak_pkey PRIMARY KEY (soak_id);

ALTER TABLE ONLY backfill.soak_sample
    ADD CONSTRAINT soak_sample_pkey PRIMARY KEY (soak_id, number);

ALTER TABLE ONLY backfill.worker
    ADD CONSTRAINT worker_pkey PRIMARY KEY (worker_id);

CREATE INDEX item_by_session ON backfill.item USING btree (session_id);

CREATE INDEX item_by_settlement ON backfill.item USING btree (run_id, settled_at) WHERE (state = 'settled'::text);

CREATE INDEX item_in_hand ON backfill.item USING btree (run_id, fence) WHERE (state = 'claimed'::text);

CREATE INDEX item_open ON backfill.item USING btree (run_id, ordinal) WHERE (state <> 'settled'::text);

CREATE INDEX item_unknown ON backfill.item USING btree (session_id) WHERE (outcome = 'Unknown'::text);

CREATE UNIQUE INDEX item_unsettled ON backfill.item USING btree (session_id) WHERE (state <> 'settled'::text);

CREATE INDEX rollback_by_run ON backfill.rollback USING btree (run_id, at);

CREATE INDEX rollback_session_by_rollback ON backfill.rollback_session USING btree (rollback_id);

CREATE INDEX run_by_plan ON backfill.run USING btree (plan_sha256);

CREATE INDEX run_event_by_run ON backfill.run_event USING btree (run_id);

CREATE INDEX soak_by_run ON backfill.soak USING btree (run_id, begun_at);

CREATE UNIQUE INDEX soak_open ON backfill.soak USING btree (run_id) WHERE (state = 'Open'::text);

CREATE INDEX worker_by_run ON backfill.worker USING btree (run_id);

ALTER TABLE ONLY backfill.gate
    ADD CONSTRAINT gate_run_id_fkey FOREIGN KEY (run_id) REFERENCES backfill.run(run_id) ON DELETE CASCADE;

ALTER TABLE ONLY backfill.image
    ADD CONSTRAINT image_run_id_session_id_fkey FOREIGN KEY (run_id, session_id) REFERENCES backfill.item(run_id, session_id) ON DELETE CASCADE;

ALTER TABLE ONLY backfill.item
    ADD CONSTRAINT item_run_id_fkey FOREIGN KEY (run_id) REFERENCES backfill.run(run_id) ON DELETE CASCADE;

ALTER TABLE ONLY backfill.operation
    ADD CONSTRAINT operation_run_id_session_id_fkey FOREIGN KEY (run_id, session_id) REFERENCES backfill.item(run_id, session_id) ON DELETE CASCADE;

ALTER TABLE ONLY backfill.plan_session
    ADD CONSTRAINT plan_session_plan_sha256_fkey FOREIGN KEY (plan_sha256) REFERENCES backfill.plan(plan_sha256);

ALTER TABLE ONLY backfill.rollback_conflict
    ADD CONSTRAINT rollback_conflict_rollback_id_fkey FOREIGN KEY (rollback_id) REFERENCES backfill.rollback(rollback_id) ON DELETE CASCADE;

ALTER TABLE ONLY backfill.rollback
    ADD CONSTRAINT rollback_run_id_fkey FOREIGN KEY (run_id) REFERENCES backfill.run(run_id) ON DELETE CASCADE;

ALTER TABLE ONLY backfill.rollback_session
    ADD CONSTRAINT rollback_session_rollback_id_fkey FOREIGN KEY (rollback_id) REFERENCES backfill.rollback(rollback_id) ON DELETE CASCADE;

ALTER TABLE ONLY backfill.rollback_table
    ADD CONSTRAINT rollback_table_rollback_id_fkey FOREIGN KEY (rollback_id) REFERENCES backfill.rollback(rollback_id) ON DELETE CASCADE;

ALTER TABLE ONLY backfill.run_event
    ADD CONSTRAINT run_event_run_id_fkey FOREIGN KEY (run_id) REFERENCES backfill.run(run_id) ON DELETE CASCADE;

ALTER TABLE ONLY backfill.run_health
    ADD CONSTRAINT run_health_run_id_fkey FOREIGN KEY (run_id) REFERENCES backfill.run(run_id) ON DELETE CASCADE;

ALTER TABLE ONLY backfill.run
    ADD CONSTRAINT run_plan_sha256_fkey FOREIGN KEY (plan_sha256) REFERENCES backfill.plan(plan_sha256);

ALTER TABLE ONLY backfill.soak
    ADD CONSTRAINT soak_run_id_fkey FOREIGN KEY (run_id) REFERENCES backfill.run(run_id) ON DELETE CASCADE;

ALTER TABLE ONLY backfill.soak_sample
    ADD CONSTRAINT soak_sample_soak_id_fkey FOREIGN KEY (soak_id) REFERENCES backfill.soak(soak_id) ON DELETE CASCADE;

ALTER TABLE ONLY backfill.worker
    ADD CONSTRAINT worker_run_id_fkey FOREIGN KEY (run_id) REFERENCES backfill.run(run_id) ON DELETE CASCADE;

ALTER TABLE backfill.gate ENABLE ROW LEVEL SECURITY;

ALTER TABLE backfill.image ENABLE ROW LEVEL SECURITY;

ALTER TABLE backfill.install ENABLE ROW LEVEL SECURITY;

ALTER TABLE backfill.item ENABLE ROW LEVEL SECURITY;

ALTER TABLE backfill.operation ENABLE ROW LEVEL SECURITY;

ALTER TABLE backfill.pace ENABLE ROW LEVEL SECURITY;

ALTER TABLE backfill.plan ENABLE ROW LEVEL SECURITY;

ALTER TABLE backfill.plan_session ENABLE ROW LEVEL SECURITY;

ALTER TABLE backfill.rollback ENABLE ROW LEVEL SECURITY;

ALTER TABLE backfill.rollback_conflict ENABLE ROW LEVEL SECURITY;

ALTER TABLE backfill.rollback_session ENABLE ROW LEVEL SECURITY;

ALTER TABLE backfill.rollback_table ENABLE ROW LEVEL SECURITY;

ALTER TABLE backfill.run ENABLE ROW LEVEL SECURITY;

ALTER TABLE backfill.run_event ENABLE ROW LEVEL SECURITY;

ALTER TABLE backfill.run_health ENABLE ROW LEVEL SECURITY;

ALTER TABLE backfill.soak ENABLE ROW LEVEL SECURITY;

ALTER TABLE backfill.soak_sample ENABLE ROW LEVEL SECURITY;

ALTER TABLE backfill.worker ENABLE ROW LEVEL SECURITY;

CREATE FUNCTION backfill.passed_over(plan text, reprocess text) RETURNS TABLE(session_id uuid, run_id uuid, outcome text)
    LANGUAGE sql STABLE
    AS $$
    select e.session_id, e.run_id, e.outcome
    from (
        select distinct on (i.session_id) i.session_id, i.run_id, i.outcome
        from backfill.run r
        join backfill.item i on i.run_id = r.run_id
        where r.plan_sha256 = plan
          and r.state <> 'RolledBack'
          and i.state = 'settled'
          -- Neither what was itself passed over, nor what was never tried.
          and i.applied_by_run is null
          and i.claims > 0
          and reprocess <> 'All'
          and not exists (select from backfill.rollback b where b.run_id = i.run_id and b.whole_run and b.at >= i.settled_at)
          and not exists (
              select from backfill.rollback_session s
              join backfill.rollback b on b.rollback_id = s.rollback_id
              where s.run_id = i.run_id and s.session_id = i.session_id and b.at >= i.settled_at)
        order by i.session_id, i.settled_at desc
    ) e
    where reprocess = 'None' or e.outcome in ('Succeeded', 'Skipped')
$$;

REVOKE ALL ON FUNCTION backfill.passed_over(plan text, reprocess text) FROM PUBLIC;
