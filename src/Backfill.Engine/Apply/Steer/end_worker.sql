with ended as (
    update backfill.worker w set ended_at = clock_timestamp(), seen_at = clock_timestamp(), waiting_for = null, waited_for = $6
    where w.worker_id = $2
),
left_over as (
    select exists (select from backfill.item i where i.run_id = $1 and i.state <> 'settled') as unsettled,
           exists (
               select from backfill.worker w
               join backfill.run r on r.run_id = w.run_id
               where w.run_id = $1 and w.worker_id <> $2 and w.ended_at is null and w.seen_at > clock_timestamp() - r.lease
           ) as others,
           -- It has come to a review, and that is why it stands. What made a worker fail is told first.
           (
               select v.name from backfill.due_review v where v.run_id = $1 and coalesce($7, 'WorkerStopped') = 'WorkerStopped'
           ) as review
),
-- What the run is after this worker. A halt is for all workers; a stop only when it was the last one.
after as (
    select case
               when r.state in ('Completed', 'Aborted', 'RolledBack') then r.state
               when not l.unsettled then 'Completed'
               -- Whoever leaves last ends what an operator has ended, a halted run too.
               when r.intent = 'Stop' and not l.others then 'Aborted'
               -- That one worker can't reach the database is no reason for others to stop.
               when $3 = 'Halted' and ($7 is distinct from 'DatabaseUnavailable' or not l.others) then 'Halted'
               when r.state = 'Halted' then r.state
               when l.others then r.state
               when backfill.intent_now(r) = 'Suspend' then 'Suspended'
               else coalesce($3, 'Paused')
           end as state,
           l.review
    from backfill.run r
    cross join left_over l
    where r.run_id = $1
),
changed as (
    update backfill.run r
    set state = a.state,
        -- What an operator ordered is the operator's to say; a leaving worker speaks for itself only.
        cause = case
            when a.state in ('Suspended', 'Aborted') then 'Ordered'
            when a.state = 'Paused' and a.review is not null then 'BatchReview'
            when a.state in ('Paused', 'Halted') then $7
        end,
        state_reason = case
            when a.state in ('Suspended', 'Aborted') then r.intent_reason
            when a.state = 'Paused' and a.review is not null then 'it waits for a review after ' || a.review
            when a.state in ('Paused', 'Halted') then $4
        end,
        state_by = $5,
        state_at = clock_timestamp(),
        finished_at = case when a.state in ('Completed', 'Aborted') then coalesce(r.finished_at, clock_timestamp()) end
    from after a
    where r.run_id = $1 and r.state <> a.state
    returning r.*
),
noted as (
    insert into backfill.run_event (
        run_id, event, state, intent, cause, until, throttle_per_minute, concurrency_limit, by_whom, reason)
    select c.run_id, c.state, c.state, c.intent, c.cause, c.intent_until, c.throttle_per_minute, c.concurrency_limit, $5, c.state_reason
    from changed c
)
select a.state from after a
