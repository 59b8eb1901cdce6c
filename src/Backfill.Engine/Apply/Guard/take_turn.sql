-- The worker that gets the turn reads the signals now, for all workers. $1 run, $2 how often at most.
with turn as (
    update backfill.run r
    set guard_at = clock_timestamp()
    where r.run_id = $1 and r.state = 'Running' and coalesce(r.guard_at <= clock_timestamp() - $2, true)
    returning r.guard_at
)
select (select t.guard_at from turn t) as turn,
       r.guard::text,
       r.guard_state::text,
       clock_timestamp() - r.guard_read_at as age,
       clock_timestamp() - r.guard_at as since,
       r.guard_signal,
       r.guard_reason
from backfill.run r
where r.run_id = $1
