-- Sessions that were named and are not in the run.
select n.session_id
from unnest($2::uuid[]) as n (session_id)
where not exists (select from backfill.item i where i.run_id = $1 and i.session_id = n.session_id)
limit 1
