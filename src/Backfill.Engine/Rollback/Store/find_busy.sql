-- Why the chosen sessions can't be undone now; no row where they can.
select b.cause, b.until
from (
    select 1 as place,
           format('worker %s of %s (process %s) was seen at work %s s ago',
               w.worker_id, w.operator, w.process_id, round(extract(epoch from clock_timestamp() - w.seen_at))) as cause,
           null::timestamptz as until
    from backfill.worker w
    join backfill.run r on r.run_id = w.run_id
    where w.run_id = $1 and w.ended_at is null and w.seen_at > clock_timestamp() - r.lease
    union all
    -- Its lease must be over and its call, if there was one, come to rest; the same for one that was given back, or ended, as Unknown.
    select 2,
           format('session %s has been called, and the call may be committed yet', i.session_id),
           coalesce(i.lease_until + r.quiet_period, i.not_before, i.settled_at + r.quiet_period)
    from backfill.item i
    join pg_temp.backfill_session s on s.session_id = i.session_id and (not s.settled or i.outcome = 'Unknown')
    join backfill.run r on r.run_id = i.run_id
    where i.run_id = $1
      and coalesce(i.lease_until + r.quiet_period, i.not_before, i.settled_at + r.quiet_period) > clock_timestamp()
    union all
    select 3,
           format('session %s is being worked on in run %s', i.session_id, i.run_id),
           i.lease_until + r.quiet_period
    from backfill.item i
    join pg_temp.backfill_session s on s.session_id = i.session_id
    join backfill.run r on r.run_id = i.run_id
    where i.run_id <> $1 and i.state = 'claimed' and i.lease_until + r.quiet_period > clock_timestamp()
) b
order by b.place, b.until desc
limit 1
