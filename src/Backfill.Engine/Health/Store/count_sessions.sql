-- Over how many sessions the others are found, and when and as whom. In the snapshot of the other statements.
select
    count(*) as sessions,
    pg_catalog.now() as measured_at,
    current_user::text as role
from public.assessment_sessions s
where s.status = 'completed'
  and s.completed_at >= $1
  and s.completed_at < coalesce($2, 'infinity')
