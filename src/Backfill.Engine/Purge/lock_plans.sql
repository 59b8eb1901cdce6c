-- A statement of its own: a run that is being frozen holds its plan, and the next statement sees that run.
select p.plan_sha256
from backfill.plan p
where p.plan_sha256 in (select r.plan_sha256 from backfill.run r where r.run_id = any ($1))
order by p.plan_sha256
for update
