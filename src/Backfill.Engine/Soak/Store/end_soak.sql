update backfill.soak s
set state = 'Ended', verdict = $2, reason = $3, ended_at = pg_catalog.clock_timestamp()
where s.soak_id = $1 and s.state = 'Open'
