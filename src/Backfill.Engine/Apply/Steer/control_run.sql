-- $1 run, $2 order, $3 reason, $4 who, $5 pace, $6 concurrency, $7 states that obey it, $8 until when, $9 name, $10 ticket, $11 the order's id,
-- $12 limits of the guard.
with live as (
    select exists (
        select from backfill.worker w
        join backfill.run r on r.run_id = w.run_id
        where w.run_id = $1 and w.ended_at is null and w.seen_at > clock_timestamp() - r.lease
    ) as worker
),
next as (
    select r.run_id,
           case $2 when 'Suspend' then 'Suspend' when 'Resume' then 'Run' when 'Stop' then 'Stop' else r.intent end as intent,
           -- With a worker there, it is the worker that gets the run there, once nothing is in hand.
           case
               when $2 = 'Resume' and r.started_at is null then 'Pending'
               when $2 = 'Resume' then 'Running'
               -- What has halted it stays to be read.
               when $2 = 'Suspend' and not l.worker and r.state <> 'Halted' then 'Suspended'
               when $2 = 'Stop' and not l.worker then 'Aborted'
               else r.state
           end as state
    from backfill.run r
    cross join live l
    where r.run_id = $1
      and r.state = any ($7)
      -- A stop may be repeated: the worker that was to carry the first one out may have died.
      and (r.intent <> 'Stop' or $2 = 'Stop')
      -- Sent again, because the answer to its commit was lost: it stands already, and what was ordered since stands above it.
      and not exists (select from backfill.run_event e where e.order_id = $11)
),
changed as (
    update backfill.run r
    set intent = n.intent,
        intent_by = case when $2 = 'Set' then r.intent_by else $4 end,
        intent_at = case when $2 = 'Set' then r.intent_at else clock_timestamp() end,
        intent_reason = case when $2 = 'Set' then r.intent_reason else $3 end,
        intent_until = case $2 when 'Set' then r.intent_until when 'Suspend' then $8 end,
        state = n.state,
        cause = case when $2 = 'Resume' then null when n.state in ('Suspended', 'Aborted') then 'Ordered' else r.cause end,
        throttle_per_minute = coalesce($5, r.throttle_per_minute),
        concurrency_limit = coalesce($6, r.concurrency_limit),
        name = coalesce($9, r.name),
        ticket = coalesce($10, r.ticket),
        guard = case when $12::jsonb is null then r.guard else jsonb_strip_nulls(coalesce(r.guard, '{}') || $12::jsonb) end,
        state_reason = case when $2 = 'Resume' then null when $2 in ('Suspend', 'Stop') and n.state in ('Suspended', 'Aborted') then $3 else r.state_reason end,
        state_by = $4,
        state_at = case when $2 = 'Set' then r.state_at else clock_timestamp() end,
        resumed_at = case when $2 = 'Resume' then clock_timestamp() else r.resumed_at end,
        failed_in_a_row = case when $2 = 'Resume' then 0 else r.failed_in_a_row end,
        finished_at = case when n.state = 'Aborted' then clock_timestamp() else r.finished_at end
    from next n
    where r.run_id = n.run_id
    returning r.*
),
noted as (
    insert into backfill.run_event (
        run_id, event, state, intent, cause, until, throttle_per_minute, concurrency_limit, by_whom, reason, order_id)
    select c.run_id, $2, c.state, c.intent, c.cause, c.intent_until, c.throttle_per_minute, c.concurrency_limit, $4,
           nullif(concat_ws('; ', $3, 'guard: ' || $12), ''), $11
    from changed c
)
select c.state from changed c
union all
select e.state from backfill.run_event e where e.order_id = $11
