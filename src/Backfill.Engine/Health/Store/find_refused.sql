-- Sessions that a function refused for good (it says that their input is wrong, or that they are not there), and that did not succeed
-- since. Only under the versions that are asked for: other ones may take them.
select distinct on (i.session_id) i.session_id, i.run_id, coalesce(i.reason, i.category) as reason
from backfill.item i
join backfill.run r on r.run_id = i.run_id
join backfill.plan p on p.plan_sha256 = r.plan_sha256
where i.state = 'settled'
  and i.outcome = 'Failed'
  and i.category in ('Validation', 'NotFound')
  -- A document is kept as given, byte-order mark and all.
  and pg_catalog.ltrim(p.document, U&'\FEFF')::json #>> '{backfill_plan,engine_version}' = $1
  and pg_catalog.ltrim(p.document, U&'\FEFF')::json #>> '{backfill_plan,fc_version}' = $2
  and not exists (
      select from backfill.item later
      where later.session_id = i.session_id and later.outcome = 'Succeeded' and later.settled_at > i.settled_at)
order by i.session_id, i.settled_at desc
