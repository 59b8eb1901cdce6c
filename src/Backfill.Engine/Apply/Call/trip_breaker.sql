-- Counts an attempt, and halts the run where a limit is reached. $1 run, $2 who is named, $3 whether the attempt went well, null for
-- none, $4 whether the share of failed sessions is looked at. Passed-over sessions say nothing.
with sessions as (
    select count(*) filter (where i.outcome in ('Failed', 'Unknown')) as failures, count(*) as settled
    from backfill.item i
    join backfill.run r on r.run_id = i.run_id
    where $4 and i.run_id = $1 and i.state = 'settled' and i.outcome <> 'Skipped' and i.settled_at >= r.resumed_at
),
figures as (
    select r.*, s.failures, s.settled, case when $3 then 0 when $3 is null then r.failed_in_a_row else r.failed_in_a_row + 1 end as in_a_row
    from backfill.run r
    cross join sessions s
    where r.run_id = $1
),
verdict as (
    select f.run_id, f.in_a_row, f.state in ('Running', 'Suspended') and f.intent <> 'Stop' as can_halt,
           case
               when not $3 and f.in_a_row >= f.max_consecutive_failures
                   then f.in_a_row || ' attempts in a row did not go well (limit ' || f.max_consecutive_failures || ')'
               when f.max_failure_ratio < 1 and f.settled >= f.minimum_sample and f.failures >= f.max_failure_ratio * f.settled
                   then f.failures || ' of ' || f.settled || ' sessions failed (limit ' || round(100 * f.max_failure_ratio::numeric) || ' %)'
           end as reason,
           case when not $3 and f.in_a_row >= f.max_consecutive_failures then 'ConsecutiveFailures' else 'FailureRatio' end as cause
    from figures f
),
counted as (
    update backfill.run r
    set failed_in_a_row = v.in_a_row,
        -- A run that is being ended for good stays so.
        state = case when v.can_halt and v.reason is not null then 'Halted' else r.state end,
        cause = case when v.can_halt and v.reason is not null then v.cause else r.cause end,
        state_reason = case when v.can_halt and v.reason is not null then v.reason else r.state_reason end,
        state_by = case when v.can_halt and v.reason is not null then $2 else r.state_by end,
        state_at = case when v.can_halt and v.reason is not null then clock_timestamp() else r.state_at end
    from verdict v
    where r.run_id = v.run_id
    returning r.*, v.can_halt and v.reason is not null as is_halted
),
noted as (
    insert into backfill.run_event (
        run_id, event, state, intent, cause, until, throttle_per_minute, concurrency_limit, by_whom, reason)
    select c.run_id, 'BreakerOpened', c.state, c.intent, c.cause, c.intent_until, c.throttle_per_minute, c.concurrency_limit, $2, c.state_reason
    from counted c
    where c.is_halted
)
-- Whoever comes after the one that halted the run learns why, too; it is halted once.
select v.reason, v.cause, exists (select from counted c where c.is_halted) as has_halted, v.in_a_row from verdict v
