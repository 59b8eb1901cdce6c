-- Where one is open it stays, and so does one of the same approval that has ended since; who comes second waits for the first's commit
-- and begins nothing.
insert into backfill.soak (soak_id, run_id, window_start, window_end, sample_interval, settings, operator)
select $1, r.run_id, $3, $4, $5, $6::jsonb, $7
from backfill.run r
where r.run_id = $2
on conflict do nothing
