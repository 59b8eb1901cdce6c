-- Sessions of the plan that the run has nothing more to do with: settled, or never part of it.
select s.session_id
from backfill.run r
join backfill.plan_session s on s.plan_sha256 = r.plan_sha256
left join backfill.item i on i.run_id = r.run_id and i.session_id = s.session_id
where r.run_id = $1 and (i.state is null or i.state = 'settled')
