select s.soak_id, s.run_id, s.window_start, s.window_end, s.sample_interval, s.settings::text, s.verdict, s.reason
from backfill.soak s
where s.run_id = $1 and (s.state = 'Open' or s.soak_id = $2)
order by s.state = 'Open' desc
limit 1
