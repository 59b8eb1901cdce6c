-- Sessions of the plan that the run has nothing more to do with: settled, or never part of it.
with this as materialized (
    -- Not a constant in the joins; see read_changes.sql.
    select r.run_id, r.plan_sha256 from backfill.run r where r.run_id = $1
)
select s.session_id
from this t
join backfill.plan_session s on s.plan_sha256 = t.plan_sha256
left join backfill.item i on i.run_id = t.run_id and i.session_id = s.session_id
where i.state is null or i.state = 'settled'
