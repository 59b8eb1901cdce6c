-- The cohort. By the index on (status, completed_at).
select pg_catalog.count(*)
from public.assessment_sessions s
where s.status = 'completed'
    and s.completed_at >= $1
    and s.completed_at < $2
