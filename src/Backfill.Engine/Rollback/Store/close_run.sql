-- With nothing left to undo the run is rolled back; otherwise it stays, with the number of sessions that are left.
with request as (
    select q.* from pg_temp.backfill_request q
),
covered as (
    select i.session_id,
           i.rows_inserted + i.rows_updated + i.rows_deleted > 0
               or i.state <> 'settled'
               -- Closed by an abort without being read back.
               or (i.outcome = 'Unknown' and i.category = 'Cancelled') as has_changes,
           c.rollback_id
    from request q
    join backfill.item i on i.run_id = q.run_id and i.claims > 0
    left join lateral (
        select b.rollback_id
        from backfill.rollback b
        where b.run_id = i.run_id
          -- What the run did after a rollback is not undone by it.
          and (b.rollback_id = q.rollback_id or b.at >= i.settled_at)
          and (
              b.whole_run
              or exists (
                  select from backfill.rollback_session s
                  where s.run_id = i.run_id and s.session_id = i.session_id and s.rollback_id = b.rollback_id)
          )
        order by b.at desc
        limit 1
    ) c on true
),
counted as (
    select count(*) as sessions
    from covered c
    where (c.rollback_id is null and c.has_changes)
       or exists (
           select from backfill.rollback_conflict f where f.rollback_id = c.rollback_id and f.session_id = c.session_id)
),
left_over as (
    select n.sessions,
           -- Sessions that were chosen out of a run do not end it for those that it has not come to yet.
           n.sessions = 0 and (
               q.whole_run or not exists (select from backfill.item i where i.run_id = q.run_id and i.state <> 'settled')) as ends
    from counted n
    cross join request q
),
changed as (
    update backfill.run r
    set state = case when l.ends then 'RolledBack' else r.state end,
        state_reason = case
            when l.ends then coalesce(q.reason, 'rolled back')
            else format('rolled back in part: %s sessions still hold changes of this run', l.sessions)
        end,
        state_by = q.operator,
        state_at = clock_timestamp(),
        finished_at = case when l.ends then coalesce(r.finished_at, clock_timestamp()) else r.finished_at end
    from request q
    cross join left_over l
    where r.run_id = q.run_id
    returning r.*
),
event as (
    insert into backfill.run_event (run_id, event, state, intent, throttle_per_minute, concurrency_limit, by_whom, reason)
    select c.run_id, 'Rollback', c.state, c.intent, c.throttle_per_minute, c.concurrency_limit, q.operator, q.reason
    from changed c
    cross join request q
),
-- A run that is rolled back never goes on: its open sessions are closed, so that other runs may have them.
closed as (
    update backfill.item i
    set state = 'settled',
        lease_until = null,
        worker_id = null,
        not_before = null,
        outcome = case when i.claims = 0 then 'Skipped' else 'Unknown' end,
        category = case when i.claims = 0 then null else 'Cancelled' end,
        reason = case when i.claims = 0 then 'RolledBack' else 'the run was rolled back before it was known what its calls had done' end,
        settled_at = clock_timestamp()
    from changed c
    where c.state = 'RolledBack' and i.run_id = c.run_id and i.state <> 'settled'
)
select c.state, l.sessions from changed c cross join left_over l
