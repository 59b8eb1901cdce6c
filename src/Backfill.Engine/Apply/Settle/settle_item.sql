with given as materialized (
    -- Not a constant in the joins: a run that is not in the statistics yet is taken for one without rows, and reading all of
    -- it for each session would seem the way to that session.
    select $1::uuid as run_id, s.*
    from unnest($2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::integer[], $8::integer[], $9::integer[])
        as s (session_id, fence, outcome, category, reason, rows_inserted, rows_updated, rows_deleted)
)
update backfill.item i
set state = 'settled',
    lease_until = null,
    worker_id = null,
    outcome = s.outcome,
    category = s.category,
    reason = s.reason,
    rows_inserted = s.rows_inserted,
    rows_updated = s.rows_updated,
    rows_deleted = s.rows_deleted,
    settled_at = clock_timestamp()
from given s
-- By its place: it is locked already, so it stays there.
cross join lateral (
    select c.ctid as place
    from backfill.item c
    where c.run_id = s.run_id and c.session_id = s.session_id and c.fence = s.fence and c.state = 'claimed'
    offset 0
) c
where i.ctid = c.place
returning i.session_id,
          i.started_at,
          i.settled_at,
          (
              select count(*) from backfill.operation o
              where o.run_id = i.run_id and o.session_id = i.session_id and o.sent_at is not null
          ) as attempts
