select n.environment, r.state, p.document, r.plan_sha256, r.module_version, r.created_at, r.state_at, r.gate_count, r.gate_head,
       clock_timestamp(), current_user::text
from backfill.run r
join backfill.plan p on p.plan_sha256 = r.plan_sha256
cross join backfill.install n
where r.run_id = $1
