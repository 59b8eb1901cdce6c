select i.batch_id as "BatchId", o.session_id as "SessionId", o.function as "Function", o.params::text as "Params",
       o.sent_at as "StartedAt", o.duration_ms as "DurationMs",
       case when o.sent_at is null then 0 else o.attempt end as "Attempt",
       o.status_code as "StatusCode", o.outcome as "Outcome", o.category as "Category", o.message as "Message"
from backfill.item i
-- Sorted, each look-up stays one of its own, by the index. A plain join is planned by what the statistics say of this run, and
-- they take a run that they do not know yet for one without rows: all of it would be read for each session.
cross join lateral (
    select a.*
    from backfill.operation a
    where a.run_id = i.run_id and a.session_id = i.session_id
    order by a.position, a.attempt
) o
where i.run_id = $1
order by i.ordinal, o.position, o.attempt
