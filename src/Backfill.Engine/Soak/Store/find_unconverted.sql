-- Sessions of the cohort that have no profile. One without answers can't be scored: it counts against the conversion, and is no
-- error of the scoring.
select
    s.id,
    ({{is_answered}}) as is_answered
from public.assessment_sessions s
where s.status = 'completed'
    and s.completed_at >= $1
    and s.completed_at < $2
    and not exists (select from public.profiles p where p.session_id = s.id)
order by s.completed_at, s.id
