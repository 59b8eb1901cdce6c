-- Profiles of the window that are not of the version in force. The first condition says no more than the second's lower end
-- (the latest of the three is in the window only if one of them is), in a form that indexes on them can serve.
select p.session_id
from public.profiles p
where (p.created_at >= $1 or p.updated_at >= $1 or p.computed_at >= $1)
    and greatest(p.created_at, p.updated_at, p.computed_at) >= $1
    -- One that is infinite is not after the window: it tells no time.
    and (
        greatest(p.created_at, p.updated_at, p.computed_at) < $2
        or greatest(p.created_at, p.updated_at, p.computed_at) = 'infinity'
    )
    and p.results_version is distinct from $3
union all
-- Without any time it may be of this window.
select p.session_id
from public.profiles p
where p.created_at is null
    and p.updated_at is null
    and p.computed_at is null
    and p.results_version is distinct from $3
order by session_id
