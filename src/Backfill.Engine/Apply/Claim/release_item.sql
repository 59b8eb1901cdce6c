update backfill.item i
set state = 'pending', lease_until = null, worker_id = null, not_before = clock_timestamp() + $4
where i.run_id = $1 and i.session_id = $2 and i.fence = $3 and i.state = 'claimed'
returning i.ordinal
