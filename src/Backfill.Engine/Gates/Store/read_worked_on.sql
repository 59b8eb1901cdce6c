-- The sessions that the run has worked on, less those that were rolled back since; and whether each has settled. As choose_sessions.sql
-- has it.
select coalesce(array_agg(s.session_id), '{}'), coalesce(array_agg(s.is_settled), '{}')
from (
    select i.session_id, c.is_settled
    from backfill.item i
    cross join lateral (select i.state = 'settled' and (i.outcome, i.category) is distinct from ('Unknown', 'Cancelled') as is_settled) c
    where i.run_id = $1
      and i.claims > 0
      and not case when c.is_settled and exists (select from backfill.rollback b where b.run_id = $1) then exists (
          select from backfill.rollback b
          where b.run_id = i.run_id
            and b.at >= i.settled_at
            and (
                b.whole_run
                or exists (
                    select from backfill.rollback_session s
                    where s.run_id = i.run_id and s.session_id = i.session_id and s.rollback_id = b.rollback_id)
            )
      ) else false end
) s
