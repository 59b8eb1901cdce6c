insert into pg_temp.backfill_request (
    rollback_id, run_id, whole_run, on_conflict, locks, by_script, written_at, operator, reason, target, fires)
select $1, r.run_id, $3, $4, $5, false, clock_timestamp(), $6, $7, r.target::json, $8
from backfill.run r
where r.run_id = $2
