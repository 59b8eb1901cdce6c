-- What was tried, and what was announced and never sent. An attempt that was sent keeps its own record.
update backfill.operation o
set sent_at = coalesce(a.sent_at, o.sent_at),
    duration_ms = coalesce(a.duration_ms, o.duration_ms),
    status_code = coalesce(a.status_code, o.status_code),
    outcome = a.outcome,
    category = a.category,
    message = a.message,
    response = coalesce(a.response::jsonb, o.response)
from unnest(
    $3::integer[], $4::integer[], $5::timestamptz[], $6::bigint[], $7::integer[], $8::text[], $9::text[], $10::text[], $11::text[]
) as a (position, attempt, sent_at, duration_ms, status_code, outcome, category, message, response)
where o.run_id = $1
  and o.session_id = $2
  and o.position = a.position
  and (o.attempt = a.attempt or (a.attempt = 0 and o.fence = $12 and o.sent_at is null and o.outcome is null))
  -- A worker that was overtaken writes nothing.
  and exists (select from backfill.item i where i.run_id = $1 and i.session_id = $2 and i.fence = $12)
