-- Rollbacks, decisions and orders lock the run, too: none is under way once this is through. In one order, so that two purges
-- don't wait for each other.
select r.run_id from backfill.run r where r.run_id = any ($1) order by r.run_id for update
