-- A finished run of so many sessions, written down as the ledger would: its first session was done by the module itself, so that
-- run, plan and table shapes are real. Twenty a minute, two calls and two new rows each; one in twenty did not succeed, in several
-- ways and with long messages. Foreign keys would take minutes.
set session_replication_role = replica;
set timezone = 'UTC';

insert into backfill.item (
    run_id, ordinal, batch_id, session_id, state, claims, outcome, category, reason, rows_inserted, started_at, settled_at)
select '{{run}}', 1000 + n, 'part_' || n / 5000, md5('report' || n)::uuid, 'settled', 1, k.outcome, k.category,
       case when k.outcome <> 'Succeeded' then 'score_prism: ' || repeat('the function failed; ', (n % 400)::integer) || n end,
       case when k.outcome = 'Succeeded' then 2 else 0 end,
       t.at, t.at + interval '240 ms'
from generate_series(1, {{sessions}}) n
cross join lateral (select timestamptz '2025-09-01Z' + n * interval '3 seconds' as at) t
cross join lateral (
    select case when n % 20 <> 0 then 'Succeeded' when n % 100 = 0 then 'NoEffect' when n % 1000 = 40 then 'Unknown' else 'Failed' end as outcome,
           case when n % 20 <> 0 then null when n % 100 = 0 then 'NoEffect' when n % 60 = 0 then 'Timeout' when n % 140 = 0 then 'Validation'
               else 'FunctionError' end as category
) k;

insert into backfill.operation (
    run_id, session_id, position, attempt, function, params, fence, created_at, sent_at, duration_ms, status_code, outcome)
select i.run_id, i.session_id, p.position, 1, p.function, '{"version": "v1.2"}', i.ordinal, i.started_at,
       i.started_at + p.position * interval '100 ms', 90, 200, i.outcome
from backfill.item i
cross join (values (1, 'score_fc_session'), (2, 'score_prism')) p (position, function)
where i.run_id = '{{run}}' and i.ordinal > 1000;

insert into backfill.image (run_id, session_id, table_name, key, after_sha256, after_version, recorded)
select i.run_id, i.session_id, t.name, row(i.session_id)::text, sha256(convert_to(i.session_id::text, 'UTF8')), '1000', t.recorded::jsonb
from backfill.item i
cross join (values
    ('public.fc_scores', '{"version": "v1.2", "fc_kind": "functions"}'), ('public.profiles', '{"results_version": "v1.2.1"}')) t (name, recorded)
where i.run_id = '{{run}}' and i.ordinal > 1000 and i.outcome = 'Succeeded';

update backfill.run
set started_at = '2025-09-01Z', finished_at = timestamptz '2025-09-01Z' + ({{sessions}} + 1) * interval '3 seconds', throttle_per_minute = 20
where run_id = '{{run}}';

reset session_replication_role;
