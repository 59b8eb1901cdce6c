select w.operator, w.process_id, w.started_at, w.seen_at, w.ended_at, w.waited_for, w.waiting_for
from backfill.worker w
where w.run_id = $1
order by w.started_at, w.worker_id
