-- What a reading found, for all workers; by the worker that still has the turn. $1 run, $2 turn, $3 what is remembered, $4 whether the run
-- holds, $5 signal, $6 reason, $7 why it is halted, or null.
with before as (
    select r.run_id, r.guard_held_at, r.guard_signal
    from backfill.run r
    where r.run_id = $1 and r.guard_at = $2 and r.state = 'Running'
    for update
),
halted as (
    select b.run_id from before b join backfill.run r on r.run_id = b.run_id where $7::text is not null and r.intent <> 'Stop'
),
changed as (
    update backfill.run r
    set guard_read_at = clock_timestamp(),
        guard_state = $3::jsonb,
        guard_held_at = case when $4 and h.run_id is null then coalesce(r.guard_held_at, clock_timestamp()) end,
        -- While the last good reading is awaited, what held it is still what is told.
        guard_signal = case when $4 and h.run_id is null then coalesce($5, r.guard_signal) end,
        guard_reason = case when $4 and h.run_id is null then coalesce(case when $5 is not null then $6 end, r.guard_reason) end,
        -- When it lets go, the run is slow again first.
        ramp_taken = case when $4 or h.run_id is not null then 0 else r.ramp_taken end,
        state = case when h.run_id is not null then 'Halted' else r.state end,
        cause = case when h.run_id is not null then 'TargetBusy' else r.cause end,
        state_reason = coalesce(case when h.run_id is not null then $7 end, r.state_reason),
        state_by = case when h.run_id is not null then 'guard' else r.state_by end,
        state_at = case when h.run_id is not null then clock_timestamp() else r.state_at end
    from before b
    left join halted h on h.run_id = b.run_id
    where r.run_id = b.run_id
    returning r.*, b.guard_held_at as was_held_at
),
noted as (
    insert into backfill.run_event (
        run_id, event, state, intent, cause, until, throttle_per_minute, concurrency_limit, by_whom, reason)
    select c.run_id,
           case when c.state = 'Halted' then 'Halted' when c.guard_held_at is not null then 'TargetBusy' else 'TargetWell' end,
           c.state, c.intent, c.cause, c.intent_until, c.throttle_per_minute, c.concurrency_limit, 'guard',
           coalesce($7, case when c.guard_held_at is not null then c.guard_reason end)
    from changed c
    where c.state = 'Halted' or (c.guard_held_at is null) <> (c.was_held_at is null)
)
select c.guard_held_at is not null as is_held, c.guard_signal, c.guard_reason, c.state = 'Halted' as has_halted from changed c
