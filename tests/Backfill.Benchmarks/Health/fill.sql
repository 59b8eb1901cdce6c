-- Sessions with all they need but for one in a hundred; of those, a third lacks each of profile, scores, and the version.
-- Triggers, foreign keys among them, would take minutes.
set session_replication_role = replica;

create temp table filled as
select gen_random_uuid() as id, n, timestamptz '2025-08-02Z' + n * interval '1 second' as at
from generate_series(1, {{sessions}}) n;

insert into public.assessment_sessions (id, status, created_at, completed_at, completed_questions)
select f.id, 'completed', f.at - interval '30 minutes', f.at, 1 from filled f;

insert into public.assessment_responses (session_id, question_id, answer_value)
select f.id, 1, '3' from filled f;

insert into public.fc_responses (session_id, block_id, option_id)
select f.id, o.block_id, o.id
from filled f
cross join (select o.id, o.block_id from public.fc_options o order by o.id limit 1) o;

insert into public.profiles (session_id, type_code, results_version, payload)
select f.id, 'LII', case when f.n % 300 = 0 then 'v1.1.0' else 'v1.2.1' end, '{"filled": true}'
from filled f
where f.n % 300 <> 100;

insert into public.fc_scores (session_id, version, fc_kind, scores_json)
select f.id, 'v1.2', 'functions', '{"Ti": 1}'
from filled f
where f.n % 300 <> 200;

drop table filled;

reset session_replication_role;
