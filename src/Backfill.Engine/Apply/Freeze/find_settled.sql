-- Sessions of the plan that the run has nothing more to do with: settled, or never part of it. Taken away, not joined: see the full
-- join in read_changes.sql.
select s.session_id
from backfill.run r
join backfill.plan_session s on s.plan_sha256 = r.plan_sha256
where r.run_id = $1
except
select i.session_id
from backfill.item i
where i.run_id = $1 and i.state <> 'settled'
