-- In the transaction that added its last sample, and only if it did.
update backfill.soak s
set state = 'Ended', verdict = $3, reason = $4, ended_at = pg_catalog.clock_timestamp()
where s.soak_id = $1
    and s.state = 'Open'
    and exists (
        select from backfill.soak_sample m
        where m.soak_id = s.soak_id and m.number = $2 and m.xmin = pg_catalog.pg_current_xact_id()::xid
    )
