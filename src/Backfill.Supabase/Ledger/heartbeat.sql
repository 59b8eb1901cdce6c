with seen as (
    update backfill.worker w
    set seen_at = clock_timestamp(), waiting_for = $3, waited_for = $4
    where w.worker_id = $2
),
renewed as (
    update backfill.item i
    set lease_until = clock_timestamp() + r.lease
    from backfill.run r
    -- Only what the worker knows it has: a claim whose answer was lost runs out and is taken over.
    where i.run_id = $1 and i.fence = any ($5) and i.worker_id = $2 and i.state = 'claimed' and r.run_id = i.run_id
      -- Not at every beat: a third of the lease is soon enough.
      and i.lease_until < clock_timestamp() + r.lease * 0.67
),
-- Once nothing is in hand, a suspended run is paused.
paused as (
    update backfill.run r
    set state = 'Paused'
    where r.run_id = $1
      and r.state = 'Running'
      and r.wanted_state = 'Paused'
      and not exists (select from backfill.item i where i.run_id = r.run_id and i.state = 'claimed')
)
select r.state, r.wanted_state, r.throttle_per_minute, r.concurrency_limit from backfill.run r where r.run_id = $1
