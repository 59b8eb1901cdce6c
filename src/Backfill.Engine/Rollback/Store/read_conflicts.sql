select u.session_id, t.name, u.key, u.conflict, u.detail
from pg_temp.backfill_undo u
join pg_temp.backfill_shape t on t.place = u.place
where u.conflict is not null
order by t.place, u.session_id, u.key
