-- Held, the plan stays until the run is in. Whoever removed its last run may have taken it away since its sessions were read.
select exists (select from backfill.plan_session s where s.plan_sha256 = p.plan_sha256)
from backfill.plan p
where p.plan_sha256 = $1
for key share of p
