with started as (
    update backfill.run r
    set state = case when r.state = 'Completed' then r.state else 'Running' end,
        wanted_state = case when r.state = 'Completed' then r.wanted_state else 'Running' end,
        state_reason = case when r.state = 'Completed' then r.state_reason end,
        state_by = $3,
        state_at = clock_timestamp(),
        started_at = coalesce(r.started_at, clock_timestamp())
    where r.run_id = $1 and r.state not in ('Aborted', 'RolledBack')
    returning r.run_id, r.state
),
registered as (
    insert into backfill.worker (worker_id, run_id, operator, process_id)
    select $2, s.run_id, $3, $4 from started s
)
select s.state from started s
