select count(*)::integer,
       count(*) filter (where i.outcome = 'Succeeded')::integer,
       count(*) filter (where i.outcome = 'NoEffect')::integer,
       count(*) filter (where i.outcome = 'Failed')::integer,
       count(*) filter (where i.outcome = 'Skipped')::integer,
       count(*) filter (where i.outcome = 'Unknown')::integer,
       count(*) filter (where i.state <> 'settled')::integer
from backfill.item i
where i.run_id = $1
