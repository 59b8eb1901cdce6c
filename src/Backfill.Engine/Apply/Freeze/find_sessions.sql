-- Sessions that need an operation of the batch and have what all of them work on, oldest first.
select s.id
from public.assessment_sessions s
where s.status = 'completed'
  and s.completed_at >= $1
  -- An infinite time is none.
  and s.completed_at < 'infinity'
  and s.id <> all ($2)
  and {{inputs}}
  and ({{needs}})
order by s.completed_at, s.id
limit $3
