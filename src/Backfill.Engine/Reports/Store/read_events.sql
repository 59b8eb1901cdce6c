select e.at, e.event, e.state, e.throttle_per_minute, e.concurrency_limit, e.by_whom || ' as ' || e.database_role, e.reason
from backfill.run_event e
where e.run_id = $1
order by e.event_id
