-- The target has answered: everybody may call again.
update backfill.run r
set hold_cause = null, hold_since = null, hold_until = null
where r.run_id = $1 and r.hold_cause is not null
