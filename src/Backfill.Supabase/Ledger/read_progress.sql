select count(*)::integer,
       count(*) filter (where i.outcome in ('Succeeded', 'Skipped'))::integer,
       count(*) filter (where i.outcome in ('Failed', 'NoEffect', 'Unknown'))::integer,
       count(*) filter (where i.state <> 'settled')::integer
from backfill.item i
where i.run_id = $1
