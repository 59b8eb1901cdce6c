update backfill.item i
set state = 'settled',
    lease_until = null,
    worker_id = null,
    outcome = $4,
    category = $5,
    reason = $6,
    rows_inserted = $7,
    rows_updated = $8,
    rows_deleted = $9,
    settled_at = clock_timestamp()
where i.run_id = $1 and i.session_id = $2 and i.fence = $3 and i.state = 'claimed'
returning i.started_at,
          i.settled_at,
          (
              select count(*) from backfill.operation o
              where o.run_id = i.run_id and o.session_id = i.session_id and o.sent_at is not null
          ) as attempts
