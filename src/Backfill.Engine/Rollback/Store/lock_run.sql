-- A worker that starts meanwhile waits here, and finds the run as the rollback has left it.
select r.state from backfill.run r where r.run_id = $1 for update
