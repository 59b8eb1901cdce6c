-- Asked at every press of a key: no figures, which would be summed over all that a run did.
select r.run_id, backfill.state_now(r), n.environment, ltrim(p.document, U&'\FEFF')::json #>> '{backfill_plan,version}', r.created_at, r.started_at
from backfill.run r
join backfill.plan p on p.plan_sha256 = r.plan_sha256
cross join backfill.install n
where $1::text[] is null or backfill.state_now(r) = any ($1)
order by r.created_at desc, r.run_id desc
limit $2
