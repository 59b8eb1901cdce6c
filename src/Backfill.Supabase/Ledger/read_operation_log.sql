select o.session_id as "SessionId", o.function as "Function", o.params::text as "Params", o.sent_at as "SentAt", o.duration_ms as "DurationMs",
       case when o.sent_at is null then 0 else o.attempt end as "Attempt",
       o.status_code as "StatusCode", o.outcome as "Outcome", o.category as "Category", o.message as "Message"
from backfill.item i
join backfill.operation o on o.run_id = i.run_id and o.session_id = i.session_id
where i.run_id = @runId and i.batch_id = @batchId
order by i.ordinal, o.position, o.attempt
