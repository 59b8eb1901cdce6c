-- The whole run waits; with pause upon pause for too long, it is halted. $1 run, $2 cause, $3 pause, $4 whether a call that was to find
-- out has found this, $5 the longest time or null, $6 why it is halted then.
with next as (
    select r.run_id,
           r.hold_cause is null as has_begun,
           case when r.hold_cause = $2 then r.hold_since else clock_timestamp() end as hold_since,
           -- Of several answers the longest pause counts; a call that looked knows better.
           case
               when $4 or r.hold_until is null then clock_timestamp() + $3
               else greatest(r.hold_until, clock_timestamp() + $3)
           end as hold_until,
           coalesce(r.hold_cause = $2 and clock_timestamp() - r.hold_since >= $5, false) as is_over
    from backfill.run r
    where r.run_id = $1 and r.state = 'Running'
),
held as (
    update backfill.run r
    set hold_cause = case when not n.is_over then $2 end,
        hold_since = case when not n.is_over then n.hold_since end,
        hold_until = case when not n.is_over then n.hold_until end,
        ramp_taken = 0,
        state = case when n.is_over and r.intent <> 'Stop' then 'Halted' else r.state end,
        cause = case when n.is_over and r.intent <> 'Stop' then $2 else r.cause end,
        state_reason = case when n.is_over then $6 else r.state_reason end,
        state_by = case when n.is_over then 'hold' else r.state_by end,
        state_at = case when n.is_over then clock_timestamp() else r.state_at end
    from next n
    where r.run_id = n.run_id
    returning r.*, n.is_over
),
noted as (
    insert into backfill.run_event (
        run_id, event, state, intent, cause, until, throttle_per_minute, concurrency_limit, by_whom, reason)
    select h.run_id, 'HoldExpired', h.state, h.intent, h.cause, h.intent_until, h.throttle_per_minute, h.concurrency_limit, 'hold', h.state_reason
    from held h
    where h.is_over
)
select coalesce((select n.has_begun from next n), false) as has_begun, exists (select from held h where h.is_over) as has_halted
