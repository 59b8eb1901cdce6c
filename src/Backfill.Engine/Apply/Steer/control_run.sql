with live as (
    select exists (
        select from backfill.worker w
        join backfill.run r on r.run_id = w.run_id
        where w.run_id = $1 and w.ended_at is null and w.seen_at > clock_timestamp() - r.lease
    ) as worker
),
changed as (
    update backfill.run r
    set wanted_state = case $2 when 'Suspend' then 'Paused' when 'Resume' then 'Running' when 'Stop' then 'Aborted' else r.wanted_state end,
        -- With a worker there, it is the worker that gets the run there, once nothing is in hand.
        state = case
            when $2 = 'Resume' then 'Running'
            when $2 = 'Suspend' and not l.worker then 'Paused'
            when $2 = 'Stop' and not l.worker then 'Aborted'
            else r.state
        end,
        throttle_per_minute = coalesce($5, r.throttle_per_minute),
        concurrency_limit = coalesce($6, r.concurrency_limit),
        state_reason = case when $2 = 'Set' then r.state_reason when $2 = 'Resume' then null else $3 end,
        state_by = $4,
        state_at = case when $2 = 'Set' then r.state_at else clock_timestamp() end,
        resumed_at = case when $2 = 'Resume' then clock_timestamp() else r.resumed_at end,
        failed_in_a_row = case when $2 = 'Resume' then 0 else r.failed_in_a_row end,
        finished_at = case when $2 = 'Stop' and not l.worker then clock_timestamp() else r.finished_at end
    from live l
    where r.run_id = $1
      and r.state = any ($7)
      -- A stop may be repeated: the worker that was to carry the first one out may have died.
      and (r.wanted_state <> 'Aborted' or $2 = 'Stop')
    returning r.*
),
noted as (
    insert into backfill.run_event (
        run_id, event, state, wanted_state, throttle_per_minute, concurrency_limit, by_whom, reason)
    select c.run_id, $2, c.state, c.wanted_state, c.throttle_per_minute, c.concurrency_limit, $4, $3 from changed c
)
select c.state from changed c
