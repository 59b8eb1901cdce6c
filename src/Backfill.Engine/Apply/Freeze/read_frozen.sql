select s.ordinal, s.batch_id, s.session_id
from backfill.plan_session s
where s.plan_sha256 = $1
order by s.ordinal
