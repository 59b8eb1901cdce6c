-- Announced with this claim and never sent: a later claim must not take them for calls in flight.
update backfill.operation o
set outcome = 'Skipped', message = 'not called: the session was given back'
where o.run_id = $1 and o.session_id = $2 and o.fence = $3 and o.sent_at is null and o.outcome is null
