select i.run_id as "RunId",
       i.batch_id as "BatchId",
       i.ordinal as "Ordinal",
       i.session_id as "SessionId",
       i.outcome as "Outcome",
       -- Before 0.2 these had no category, and their reason began with it.
       coalesce(i.category, substring(i.reason from '^Already(?:Applied|Current|Tried)')) as "Category",
       i.reason as "Reason",
       i.rows_inserted as "RowsInserted",
       i.rows_updated as "RowsUpdated",
       i.rows_deleted as "RowsDeleted",
       i.started_at as "StartedAt",
       i.settled_at - i.started_at as "Duration",
       (
           select max(b.at)
           from backfill.rollback b
           where b.run_id = i.run_id
             -- A session that was not called has nothing to undo.
             and i.outcome is distinct from 'Skipped'
             and (
                 b.whole_run
                 or exists (
                     select from backfill.rollback_session s
                     where s.run_id = i.run_id and s.session_id = i.session_id and s.rollback_id = b.rollback_id)
             )
             -- With a row in conflict, it still holds changes of the run.
             and not exists (
                 select from backfill.rollback_conflict f
                 where f.rollback_id = b.rollback_id and f.session_id = i.session_id)
       ) as "RolledBackAt",
       o.attempts as "Attempts",
       o.operations as "Operations"
from backfill.item i
cross join lateral (
    select sum(l.calls)::integer as attempts,
           jsonb_agg(
               jsonb_build_object(
                   'function', l.function,
                   'statusCode', l.status_code,
                   'attempts', l.calls,
                   'startedAt', l.sent_at,
                   'durationMs', l.duration_ms,
                   -- Announced by a worker that died, and never looked at again.
                   'outcome', coalesce(l.outcome, 'Unknown'),
                   'category', l.category,
                   'message', l.message)
               order by l.position)::text as operations
    from (
        select distinct on (o.position) o.*, count(o.sent_at) over (partition by o.position) as calls
        from backfill.operation o
        where o.run_id = i.run_id and o.session_id = i.session_id
        -- The last one, but for attempts that were announced after it and never sent.
        order by o.position, o.outcome is not distinct from 'Skipped', o.attempt desc
    ) l
) o
