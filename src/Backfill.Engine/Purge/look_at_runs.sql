-- Runs that are to be removed, with what goes with each, and why it can't go now.
select r.run_id,
       r.state,
       ltrim(p.document, U&'\FEFF')::json #>> '{backfill_plan,version}',
       coalesce(r.finished_at, r.state_at),
       (select count(*) from backfill.item i where i.run_id = r.run_id),
       (select count(*) from backfill.operation o where o.run_id = r.run_id and o.sent_at is not null),
       (select count(*) from backfill.image m where m.run_id = r.run_id),
       (select count(*) from backfill.gate g where g.run_id = r.run_id),
       (select count(*) from backfill.soak s where s.run_id = r.run_id),
       (select count(*) from backfill.rollback b where b.run_id = r.run_id),
       case when r.state in ('Completed', 'Aborted', 'RolledBack') then b.cause end
from backfill.run r
join backfill.plan p on p.plan_sha256 = r.plan_sha256
left join lateral (
    select c.cause
    from (
        select 1 as place,
               format('worker %s of %s (process %s) was seen at work %s s ago',
                   w.worker_id, w.operator, w.process_id, round(extract(epoch from clock_timestamp() - w.seen_at))) as cause
        from backfill.worker w
        where w.run_id = r.run_id and w.ended_at is null and w.seen_at > clock_timestamp() - r.lease
        union all
        -- What ended Unknown may be committed yet; another run must find it here, and wait.
        select 2, format('session %s has been called, and the call may be committed yet', i.session_id)
        from backfill.item i
        where i.run_id = r.run_id
          and (i.state <> 'settled' or (i.outcome = 'Unknown' and i.settled_at + r.quiet_period > clock_timestamp()))
        union all
        select 3, format('it is being soaked: %s took the last sample', s.operator)
        from backfill.soak s
        where s.run_id = r.run_id
          and s.state = 'Open'
          and 2 * s.sample_interval > clock_timestamp() - greatest(
              s.begun_at, (select max(n.recorded_at) from backfill.soak_sample n where n.soak_id = s.soak_id))
    ) c
    order by c.place
    limit 1
) b on true
where ($1::uuid[] is null or r.run_id = any ($1))
  and ($2::interval is null
      or (r.state in ('Completed', 'Aborted', 'RolledBack') and coalesce(r.finished_at, r.state_at) < clock_timestamp() - $2))
order by coalesce(r.finished_at, r.state_at), r.run_id
