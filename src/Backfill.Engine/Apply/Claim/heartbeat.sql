with seen as (
    update backfill.worker w
    set seen_at = clock_timestamp(), waiting_for = $3, waited_for = $4
    where w.worker_id = $2
),
due as (
    select i.run_id, i.ordinal
    from backfill.item i
    join backfill.run r on r.run_id = i.run_id
    -- Only what the worker knows it has: a claim whose answer was lost runs out and is taken over.
    where i.run_id = $1 and i.fence = any ($5) and i.worker_id = $2 and i.state = 'claimed'
      -- Not at every beat: a third of the lease is soon enough.
      and i.lease_until < clock_timestamp() + r.lease * 0.67
    -- One whose row is being written at this moment must not hold up the others; it is renewed by the next beat.
    for update of i skip locked
),
renewed as (
    update backfill.item i
    set lease_until = clock_timestamp() + r.lease
    from due d
    join backfill.run r on r.run_id = d.run_id
    where i.run_id = d.run_id and i.ordinal = d.ordinal
    returning i.fence
),
held as (
    select n.fence from renewed n
    union
    select i.fence
    from backfill.item i
    join backfill.run r on r.run_id = i.run_id
    where i.run_id = $1 and i.fence = any ($5) and i.worker_id = $2 and i.state = 'claimed'
      and i.lease_until >= clock_timestamp() + r.lease * 0.67
),
-- Once nothing is in a living worker's hand, a run whose suspension was ordered is suspended; and it runs again when that is over.
suspended as (
    update backfill.run r
    set state = case when r.state = 'Running' then 'Suspended' else 'Running' end,
        cause = case when r.state = 'Running' then 'Ordered' end,
        state_reason = case when r.state = 'Running' then r.intent_reason end,
        state_by = r.intent_by,
        state_at = clock_timestamp()
    where r.run_id = $1
      and (
          (r.state = 'Suspended' and backfill.intent_now(r) = 'Run')
          or (
              r.state = 'Running'
              and backfill.intent_now(r) = 'Suspend'
              and not exists (
                  select from backfill.item i
                  where i.run_id = r.run_id and i.state = 'claimed' and (i.lease_until > clock_timestamp() or i.fence = any ($5)))))
    returning r.*
),
noted as (
    insert into backfill.run_event (
        run_id, event, state, intent, cause, until, throttle_per_minute, concurrency_limit, by_whom, reason)
    select c.run_id, case c.state when 'Suspended' then 'Suspended' else 'SuspensionOver' end, c.state, c.intent, c.cause, c.intent_until,
           c.throttle_per_minute, c.concurrency_limit, 'worker', c.state_reason
    from suspended c
)
select case when r.state = 'Suspended' and backfill.intent_now(r) = 'Run' then 'Running' else r.state end,
       backfill.intent_now(r), r.throttle_per_minute, r.concurrency_limit,
       coalesce((select array_agg(h.fence) from held h), '{}') as held,
       case when r.guard_held_at is not null then 'TargetBusy' else r.hold_cause end, r.failed_in_a_row
from backfill.run r
where r.run_id = $1
