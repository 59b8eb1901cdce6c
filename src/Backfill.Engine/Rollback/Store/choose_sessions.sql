insert into pg_temp.backfill_session (session_id, settled, last_rollback)
select i.session_id,
       c.is_settled,
       -- Nearly always there is none, and a large run is spared a million questions.
       case when exists (select from backfill.rollback b where b.run_id = $1) then (
           select b.rollback_id
           from backfill.rollback b
           where b.run_id = i.run_id
             -- What came after it is not undone yet; what never settled is read back anew each time.
             and c.is_settled
             and b.at >= i.settled_at
             and (
                 b.whole_run
                 or exists (
                     select from backfill.rollback_session s
                     where s.run_id = i.run_id and s.session_id = i.session_id and s.rollback_id = b.rollback_id)
             )
           order by b.at desc
           limit 1
       ) end
from backfill.item i
-- An aborted run closes its open sessions without reading them back: those never settled either.
cross join lateral (select i.state = 'settled' and (i.outcome, i.category) is distinct from ('Unknown', 'Cancelled') as is_settled) c
where i.run_id = $1
  and i.claims > 0
  and ($2::uuid[] is null or i.session_id = any ($2))
  and ($3::timestamptz is null or i.started_at >= $3)
  and ($4::timestamptz is null or i.started_at < $4)
