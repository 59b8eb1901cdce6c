select s.session_id
from pg_temp.backfill_session s
order by s.session_id
