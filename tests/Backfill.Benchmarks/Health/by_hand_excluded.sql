begin transaction isolation level repeatable read read only;
select count(*) from public.assessment_sessions where status = 'completed' and completed_at >= '2025-08-01Z';
with missing as (
    (select s.id from public.assessment_sessions s
     where s.status = 'completed' and s.completed_at >= '2025-08-01Z'
       and not exists (select from public.profiles p where p.session_id = s.id and p.results_version = 'v1.2.1'))
    union
    (select s.id from public.assessment_sessions s
     where s.status = 'completed' and s.completed_at >= '2025-08-01Z'
       and not exists (select from public.fc_scores f where f.session_id = s.id and f.version = 'v1.2' and f.fc_kind = 'functions'))
)
select s.id, s.created_at, s.completed_at, p.session_id is not null, p.results_version,
       exists (select from public.fc_scores f where f.session_id = s.id and f.version = 'v1.2' and f.fc_kind = 'functions'),
       (select count(*) from public.assessment_responses r where r.session_id = s.id),
       (select count(*) from public.fc_responses r where r.session_id = s.id)
from missing m
join public.assessment_sessions s on s.id = m.id
left join public.profiles p on p.session_id = s.id
order by s.completed_at, s.id;
commit;
