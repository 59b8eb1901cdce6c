-- What was settled since the run was last started, newest first. Passed-over sessions say nothing.
with recent as (
    select i.outcome in ('Failed', 'Unknown') as is_failure,
           row_number() over (order by i.settled_at desc, i.fence desc) as place
    from backfill.item i
    join backfill.run r on r.run_id = i.run_id
    where i.run_id = $1 and i.state = 'settled' and i.outcome <> 'Skipped' and i.settled_at >= r.resumed_at
),
figures as (
    select coalesce(min(e.place) filter (where not e.is_failure) - 1, count(*)) as consecutive,
           count(*) filter (where e.is_failure) as failures,
           count(*) as settled
    from recent e
),
verdict as (
    select case
               when f.consecutive >= r.max_consecutive_failures
                   then f.consecutive || ' sessions in a row failed (limit ' || r.max_consecutive_failures || ')'
               when r.max_failure_ratio < 1 and f.settled >= r.minimum_sample
                   and f.failures >= r.max_failure_ratio * f.settled
                   then f.failures || ' of ' || f.settled || ' sessions failed (limit ' || round(100 * r.max_failure_ratio::numeric) || ' %)'
           end as reason
    from figures f
    cross join backfill.run r
    where r.run_id = $1
),
halted as (
    update backfill.run r
    set state = 'Halted', wanted_state = 'Paused', state_reason = v.reason, state_by = $2, state_at = clock_timestamp()
    from verdict v
    -- A run that is being ended for good stays so.
    where r.run_id = $1 and r.state = 'Running' and r.wanted_state <> 'Aborted' and v.reason is not null
    returning r.*
),
noted as (
    insert into backfill.run_event (
        run_id, event, state, wanted_state, throttle_per_minute, concurrency_limit, by_whom, reason)
    select h.run_id, 'BreakerOpened', h.state, h.wanted_state, h.throttle_per_minute, h.concurrency_limit, $2, h.state_reason
    from halted h
)
-- Whoever comes after the one that halted the run learns why too; it is halted once.
select v.reason, exists (select from halted) as has_halted from verdict v
