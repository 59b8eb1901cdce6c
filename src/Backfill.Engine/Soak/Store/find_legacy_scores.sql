-- Forced-choice scores of the window that are of another kind or version than the one in force.
select f.session_id
from public.fc_scores f
where ({{since}})
    and {{latest}} >= $1
    -- One that is infinite is not after the window: it tells no time.
    and ({{latest}} < $2 or {{latest}} = 'infinity')
    and (f.fc_kind is distinct from 'functions' or f.version is distinct from $3)
union all
-- Without any time it may be of this window.
select f.session_id
from public.fc_scores f
where {{untimed}}
    and (f.fc_kind is distinct from 'functions' or f.version is distinct from $3)
order by session_id
