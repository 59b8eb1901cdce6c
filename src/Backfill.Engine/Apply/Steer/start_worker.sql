with others as (
    select exists (
        select from backfill.worker w
        join backfill.run r on r.run_id = w.run_id
        where w.run_id = $1 and w.worker_id <> $2 and w.ended_at is null and w.seen_at > clock_timestamp() - r.lease
    ) as there
),
started as (
    -- The first worker sets the run going. A suspended run is nobody's to set going but an operator's.
    update backfill.run r
    set state = 'Running',
        cause = null,
        state_reason = null,
        state_by = $3,
        state_at = clock_timestamp(),
        started_at = coalesce(r.started_at, clock_timestamp()),
        resumed_at = clock_timestamp(),
        failed_in_a_row = 0,
        ramp_taken = 0,
        -- A pause that the target asked for holds for whoever comes; that it could not be reached was another worker's news.
        hold_cause = case when r.hold_cause = 'RetryAfter' then r.hold_cause end,
        hold_since = case when r.hold_cause = 'RetryAfter' then r.hold_since end,
        hold_until = case when r.hold_cause = 'RetryAfter' then r.hold_until end
    from others o
    where r.run_id = $1
      and backfill.intent_now(r) = 'Run'
      and r.state in ('Pending', 'Running', 'Suspended', 'Paused', 'Halted')
      and not (o.there and r.state in ('Running', 'Suspended', 'Paused'))
    returning r.*
),
noted as (
    insert into backfill.run_event (run_id, event, state, intent, throttle_per_minute, concurrency_limit, by_whom)
    select s.run_id, 'Started', s.state, s.intent, s.throttle_per_minute, s.concurrency_limit, $3 from started s
),
registered as (
    insert into backfill.worker (worker_id, run_id, operator, process_id)
    select $2, r.run_id, $3, $4
    from backfill.run r
    where r.run_id = $1 and backfill.intent_now(r) = 'Run' and r.state not in ('Aborted', 'RolledBack')
    on conflict (worker_id) do nothing
)
select r.state, backfill.intent_now(r) = 'Suspend'
from backfill.run r
where r.run_id = $1 and r.intent <> 'Stop' and r.state not in ('Aborted', 'RolledBack')
