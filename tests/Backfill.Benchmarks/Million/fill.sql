-- Sessions with the least that makes them need both functions. Triggers, foreign keys among them, would take minutes.
set session_replication_role = replica;

with session as (
    insert into public.assessment_sessions (status, created_at, completed_at, completed_questions)
    select 'completed', t.at - interval '30 minutes', t.at, 1
    from (select timestamptz '2025-08-02Z' + n * interval '1 second' as at from generate_series(1, {{sessions}}) n) t
    returning id
),
response as (
    insert into public.assessment_responses (session_id, question_id, answer_value)
    select s.id, 1, '3' from session s
)
insert into public.fc_responses (session_id, block_id, option_id)
select s.id, o.block_id, o.id
from session s
cross join (select o.id, o.block_id from public.fc_options o order by o.id limit 1) o;

reset session_replication_role;
