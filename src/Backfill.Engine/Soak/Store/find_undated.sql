-- Completed sessions that may be of the window and that the others can't place: completed_at is null or infinite. Where no other time
-- is known either, it may be of any window. By the index on (status, completed_at).
select s.id
from public.assessment_sessions s
where s.status = 'completed'
    and (s.completed_at is null or s.completed_at in ('infinity', '-infinity'))
    and coalesce({{latest}}, 'infinity') >= $1
    and coalesce({{created}}, '-infinity') < $2
order by s.id
