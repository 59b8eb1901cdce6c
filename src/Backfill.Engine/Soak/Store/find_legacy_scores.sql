-- Forced-choice scores of the window that are of another kind or version than the one in force.
select f.session_id
from public.fc_scores f
where ({{since}})
    and {{latest}} >= $1
    and {{latest}} < $2
    and (f.fc_kind is distinct from 'functions' or f.version is distinct from $3)
order by f.session_id
