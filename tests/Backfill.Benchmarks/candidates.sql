-- The sessions that the runs are about, kept by name so that the same ones can be put back.
create schema bench;

create table bench.candidate as
select s.id
from public.assessment_sessions s
where s.status = 'completed'
  and s.completed_at >= '2025-08-01Z'
  and exists (select from public.assessment_responses r where r.session_id = s.id)
  and exists (select from public.fc_responses r where r.session_id = s.id)
  and not exists (select from public.fc_scores f where f.session_id = s.id);

alter table bench.candidate add primary key (id);

select c.id from bench.candidate c order by c.id
