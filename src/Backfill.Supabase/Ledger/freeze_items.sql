insert into backfill.item (run_id, ordinal, batch_id, session_id)
select $1, s.ordinal, s.batch_id, s.session_id
from backfill.plan_session s
where s.plan_sha256 = $2
  and ($3::uuid[] is null or s.session_id = any ($3))
