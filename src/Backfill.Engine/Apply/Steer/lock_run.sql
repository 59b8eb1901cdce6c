-- Orders and leaving workers go one after the other, and each looks only once the one before it is done: a statement of
-- its own, because the next one sees what was committed while this one waited.
select r.run_id from backfill.run r where r.run_id = $1 for update
