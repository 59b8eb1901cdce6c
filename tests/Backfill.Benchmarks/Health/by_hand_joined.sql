begin transaction isolation level repeatable read read only;
select count(*) from public.assessment_sessions where status = 'completed' and completed_at >= '2025-08-01Z';
select s.id, s.created_at, s.completed_at, p.session_id is not null, p.results_version, f.session_id is not null,
       (select count(*) from public.assessment_responses r where r.session_id = s.id),
       (select count(*) from public.fc_responses r where r.session_id = s.id)
from public.assessment_sessions s
left join public.profiles p on p.session_id = s.id
left join public.fc_scores f on f.session_id = s.id and f.version = 'v1.2' and f.fc_kind = 'functions'
where s.status = 'completed' and s.completed_at >= '2025-08-01Z'
  and (p.results_version is distinct from 'v1.2.1' or f.session_id is null)
order by s.completed_at, s.id;
commit;
