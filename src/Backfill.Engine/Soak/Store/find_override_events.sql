-- By the index on (evt, at desc).
select l.payload ->> 'session_id'
from public.fn_logs l
where l.evt = 'engine_version_override'
    and l.at >= $1
    and (l.at < $2 or l.at = 'infinity')
union all
-- Without a time it may be of this window.
select l.payload ->> 'session_id'
from public.fn_logs l
where l.evt = 'engine_version_override'
    and l.at is null
