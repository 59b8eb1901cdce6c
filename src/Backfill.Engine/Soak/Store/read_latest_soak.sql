select s.soak_id, s.run_id, s.window_start, s.window_end, s.sample_interval, s.settings::text, s.verdict, s.reason
from backfill.soak s
where s.run_id = $1
order by s.begun_at desc, s.soak_id desc
limit 1
