select r.state, r.target::text
from backfill.run r
where r.run_id = $1
