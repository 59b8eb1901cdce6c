-- A finished run that has changed so many profiles of about 1 kB, written down as the ledger would: its first session was done by
-- the module itself, so that run, plan and table shapes are real. Triggers, foreign keys among them, would take minutes.
set session_replication_role = replica;
set timezone = 'UTC';

-- It would be undone once, and a second time it would be a conflict.
delete from backfill.image where run_id = '{{run}}';
delete from backfill.item where run_id = '{{run}}';

with session as (
    insert into public.assessment_sessions (status, created_at, completed_at, completed_questions)
    select 'completed', '2024-01-01Z', '2024-01-01Z', 1 from generate_series(1, {{rows}})
    returning id
)
insert into public.profiles (session_id, type_code, payload, results_version, version, created_at, updated_at, computed_at)
select s.id, 'INTJ', jsonb_build_object('notes', repeat(md5(s.id::text), 20), 'quote', 'it''s'), 'v1.1.0', 'v1.1.0', '2024-01-01Z', '2024-01-01Z', '2024-01-01Z'
from session s;

create table bench.old as select p.session_id, p::text as record, p.xmin::text as version from public.profiles p where p.created_at = '2024-01-01Z';

update public.profiles p set type_code = 'ENFP', results_version = 'v1.2.1', payload = p.payload || '{"rescored": true}', updated_at = '2025-09-17Z'
where p.created_at = '2024-01-01Z';

create table bench.applied as select p.session_id, p.type_code, p.results_version, p.payload, p.updated_at from public.profiles p where p.created_at = '2024-01-01Z';

insert into backfill.item (run_id, ordinal, batch_id, session_id, state, claims, outcome, rows_updated, started_at, settled_at)
select '{{run}}', 1000 + row_number() over (), 'bench', o.session_id, 'settled', 1, 'Succeeded', 1, now(), now()
from bench.old o;

insert into backfill.image (run_id, session_id, table_name, key, before_record, before_version, after_sha256, after_version)
select '{{run}}', o.session_id, 'public.profiles', row(o.session_id)::text, o.record, o.version, sha256(convert_to(p::text, 'UTF8')), p.xmin::text
from bench.old o
join public.profiles p on p.session_id = o.session_id;

drop table bench.old;
reset session_replication_role;
