-- Profiles of the window that are not of the version in force. The first condition says no more than the second's lower end
-- (the latest of them is in the window only if one of them is), in a form that indexes on them can serve.
select p.session_id
from public.profiles p
where ({{since}})
    and {{latest}} >= $1
    and {{latest}} < $2
    and p.results_version is distinct from $3
order by p.session_id
