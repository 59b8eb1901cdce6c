-- What was tried, and what was announced and never sent. An attempt that was sent keeps its own record.
with given as materialized (
    -- As in settle_item: the run is no constant in the join.
    select $1::uuid as run_id, a.*
    from unnest(
        $2::uuid[], $3::bigint[], $4::integer[], $5::integer[], $6::timestamptz[], $7::bigint[], $8::integer[], $9::text[], $10::text[],
        $11::text[], $12::text[]
    ) as a (session_id, fence, position, attempt, sent_at, duration_ms, status_code, outcome, category, message, response)
    -- A worker that was overtaken writes nothing. The offset keeps it a look-up by the index.
    cross join lateral (
        select from backfill.item i where i.run_id = $1 and i.session_id = a.session_id and i.fence = a.fence offset 0
    ) mine
)
update backfill.operation o
set sent_at = coalesce(a.sent_at, o.sent_at),
    duration_ms = coalesce(a.duration_ms, o.duration_ms),
    status_code = coalesce(a.status_code, o.status_code),
    outcome = a.outcome,
    category = a.category,
    message = a.message,
    response = coalesce(a.response::jsonb, o.response)
from given a
cross join lateral (
    select p.ctid as place
    from backfill.operation p
    where p.run_id = a.run_id
      and p.session_id = a.session_id
      and p.position = a.position
      and (
          p.attempt = a.attempt
          -- Not reached: whatever was announced of it, under this claim or an earlier one, was never sent.
          or (a.attempt = 0 and p.sent_at is null and coalesce(p.outcome = 'Skipped', p.fence = a.fence)))
    offset 0
) p
where o.ctid = p.place
