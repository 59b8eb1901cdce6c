-- Profiles of the window that are not of the version in force. The first condition says no more than the second's lower end
-- (the latest of them is in the window only if one of them is), in a form that indexes on them can serve.
select p.session_id
from public.profiles p
where ({{since}})
    and {{latest}} >= $1
    -- One that is infinite is not after the window: it tells no time.
    and ({{latest}} < $2 or {{latest}} = 'infinity')
    and p.results_version is distinct from $3
union all
-- Without any time it may be of this window.
select p.session_id
from public.profiles p
where {{untimed}}
    and p.results_version is distinct from $3
order by session_id
